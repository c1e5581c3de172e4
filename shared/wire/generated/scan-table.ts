// Generated from proto/ by `npm run proto`. Not to be edited.
import type { ScanTable } from '../scan-field.ts';

export const SCAN_TABLE = {
  "Declaration": {
    "1": {
      "name": "site",
      "kind": "string",
      "maxBytes": 64
    },
    "2": {
      "name": "studyHash",
      "kind": "bytes",
      "maxBytes": 32
    },
    "3": {
      "name": "patients",
      "kind": "uint64"
    },
    "4": {
      "name": "modalityPatients",
      "kind": "message",
      "message": "ModalityPatients",
      "maxItems": 64
    },
    "5": {
      "name": "moments",
      "kind": "message",
      "message": "ModalityMoments",
      "maxItems": 64
    },
    "6": {
      "name": "classCounts",
      "kind": "bytes",
      "maxBytes": 16384
    },
    "7": {
      "name": "target",
      "kind": "message",
      "message": "TargetMoments"
    },
    "8": {
      "name": "fromRound",
      "kind": "uint32"
    }
  },
  "ModalityPatients": {
    "1": {
      "name": "modality",
      "kind": "string",
      "maxBytes": 64
    },
    "2": {
      "name": "patients",
      "kind": "uint64"
    }
  },
  "ModalityMoments": {
    "1": {
      "name": "modality",
      "kind": "string",
      "maxBytes": 64
    },
    "2": {
      "name": "count",
      "kind": "bytes",
      "maxBytes": 131072
    },
    "3": {
      "name": "sum",
      "kind": "bytes",
      "maxBytes": 131072
    },
    "4": {
      "name": "sumSquares",
      "kind": "bytes",
      "maxBytes": 131072
    }
  },
  "TargetMoments": {
    "1": {
      "name": "count",
      "kind": "double"
    },
    "2": {
      "name": "sum",
      "kind": "double"
    },
    "3": {
      "name": "sumSquares",
      "kind": "double"
    }
  },
  "CensusResult": {
    "1": {
      "name": "normalization",
      "kind": "message",
      "message": "Normalization"
    },
    "2": {
      "name": "classWeights",
      "kind": "bytes",
      "maxBytes": 16384
    },
    "3": {
      "name": "registeredWeights",
      "kind": "message",
      "message": "BlockWeight",
      "maxItems": 64
    },
    "4": {
      "name": "rarity",
      "kind": "message",
      "message": "BlockNumber",
      "maxItems": 64
    }
  },
  "Normalization": {
    "1": {
      "name": "features",
      "kind": "message",
      "message": "ModalityScale",
      "maxItems": 64
    },
    "2": {
      "name": "target",
      "kind": "message",
      "message": "TargetScale"
    }
  },
  "ModalityScale": {
    "1": {
      "name": "modality",
      "kind": "string",
      "maxBytes": 64
    },
    "2": {
      "name": "mean",
      "kind": "bytes",
      "maxBytes": 131072
    },
    "3": {
      "name": "deviation",
      "kind": "bytes",
      "maxBytes": 131072
    }
  },
  "TargetScale": {
    "1": {
      "name": "mean",
      "kind": "double"
    },
    "2": {
      "name": "deviation",
      "kind": "double"
    }
  },
  "BlockWeight": {
    "1": {
      "name": "block",
      "kind": "string",
      "maxBytes": 72
    },
    "2": {
      "name": "weight",
      "kind": "uint64"
    }
  },
  "BlockNumber": {
    "1": {
      "name": "block",
      "kind": "string",
      "maxBytes": 72
    },
    "2": {
      "name": "value",
      "kind": "double"
    }
  },
  "FetchRostersRequest": {
    "1": {
      "name": "afterVersion",
      "kind": "uint64"
    }
  },
  "FetchRostersReply": {
    "1": {
      "name": "rosters",
      "kind": "bytes",
      "maxBytes": 524288,
      "maxItems": 256
    },
    "2": {
      "name": "more",
      "kind": "bool"
    }
  },
  "EnrollmentRequest": {
    "1": {
      "name": "site",
      "kind": "string",
      "maxBytes": 64
    },
    "2": {
      "name": "identityKey",
      "kind": "bytes",
      "maxBytes": 32
    },
    "3": {
      "name": "certificateRequest",
      "kind": "bytes",
      "maxBytes": 4096
    },
    "4": {
      "name": "token",
      "kind": "bytes",
      "maxBytes": 32
    },
    "5": {
      "name": "previousSignature",
      "kind": "bytes",
      "maxBytes": 64
    }
  },
  "AwaitCertificateRequest": {
    "1": {
      "name": "site",
      "kind": "string",
      "maxBytes": 64
    },
    "2": {
      "name": "identityKey",
      "kind": "bytes",
      "maxBytes": 32
    }
  },
  "AwaitCertificateReply": {
    "1": {
      "name": "notYetSigned",
      "kind": "message",
      "message": "NotYetSigned",
      "oneof": "answer"
    },
    "2": {
      "name": "certificate",
      "kind": "message",
      "message": "Certificate",
      "oneof": "answer"
    }
  },
  "NotYetSigned": {},
  "Certificate": {
    "1": {
      "name": "chain",
      "kind": "bytes",
      "maxBytes": 8192,
      "maxItems": 4
    }
  },
  "RenewCertificateRequest": {
    "1": {
      "name": "certificateRequest",
      "kind": "bytes",
      "maxBytes": 4096
    }
  },
  "Invitation": {
    "1": {
      "name": "site",
      "kind": "string",
      "maxBytes": 64
    },
    "2": {
      "name": "tokenHash",
      "kind": "bytes",
      "maxBytes": 32
    },
    "3": {
      "name": "expiresMs",
      "kind": "uint64"
    }
  },
  "ListEnrollmentsRequest": {},
  "ListEnrollmentsReply": {
    "1": {
      "name": "pending",
      "kind": "message",
      "message": "PendingEnrollment",
      "maxItems": 256
    }
  },
  "PendingEnrollment": {
    "1": {
      "name": "site",
      "kind": "string",
      "maxBytes": 64
    },
    "2": {
      "name": "identityKey",
      "kind": "bytes",
      "maxBytes": 32
    },
    "3": {
      "name": "tlsKey",
      "kind": "bytes",
      "maxBytes": 512
    },
    "4": {
      "name": "timeMs",
      "kind": "uint64"
    }
  },
  "PublishRosterRequest": {
    "1": {
      "name": "roster",
      "kind": "bytes",
      "maxBytes": 524288
    }
  },
  "PublishRosterReply": {
    "1": {
      "name": "version",
      "kind": "uint64"
    },
    "2": {
      "name": "inForce",
      "kind": "bool"
    }
  },
  "SignedRequest": {
    "1": {
      "name": "envelope",
      "kind": "message",
      "message": "Envelope"
    },
    "2": {
      "name": "body",
      "kind": "bytes",
      "maxBytes": 1049600
    }
  },
  "SignedReply": {
    "1": {
      "name": "envelope",
      "kind": "message",
      "message": "ReplyEnvelope"
    },
    "2": {
      "name": "body",
      "kind": "bytes",
      "maxBytes": 6291456
    }
  },
  "Envelope": {
    "1": {
      "name": "version",
      "kind": "uint32"
    },
    "2": {
      "name": "consortium",
      "kind": "string",
      "maxBytes": 64
    },
    "3": {
      "name": "role",
      "kind": "uint32"
    },
    "4": {
      "name": "sender",
      "kind": "string",
      "maxBytes": 64
    },
    "5": {
      "name": "rosterVersion",
      "kind": "uint64"
    },
    "6": {
      "name": "method",
      "kind": "string",
      "maxBytes": 128
    },
    "7": {
      "name": "session",
      "kind": "bytes",
      "maxBytes": 16
    },
    "8": {
      "name": "seq",
      "kind": "uint64"
    },
    "9": {
      "name": "timeMs",
      "kind": "uint64"
    },
    "10": {
      "name": "bodyHash",
      "kind": "bytes",
      "maxBytes": 32
    },
    "11": {
      "name": "signature",
      "kind": "bytes",
      "maxBytes": 64
    }
  },
  "ReplyEnvelope": {
    "1": {
      "name": "version",
      "kind": "uint32"
    },
    "2": {
      "name": "consortium",
      "kind": "string",
      "maxBytes": 64
    },
    "3": {
      "name": "requestHash",
      "kind": "bytes",
      "maxBytes": 32
    },
    "4": {
      "name": "rosterVersion",
      "kind": "uint64"
    },
    "5": {
      "name": "timeMs",
      "kind": "uint64"
    },
    "6": {
      "name": "bodyHash",
      "kind": "bytes",
      "maxBytes": 32
    },
    "7": {
      "name": "signature",
      "kind": "bytes",
      "maxBytes": 64
    }
  },
  "LastingSignature": {
    "1": {
      "name": "content",
      "kind": "bytes",
      "maxBytes": 25165000
    },
    "2": {
      "name": "signature",
      "kind": "bytes",
      "maxBytes": 64
    }
  },
  "Done": {},
  "Evaluation": {
    "1": {
      "name": "site",
      "kind": "string",
      "maxBytes": 64
    },
    "2": {
      "name": "studyHash",
      "kind": "bytes",
      "maxBytes": 32
    },
    "3": {
      "name": "round",
      "kind": "uint32"
    },
    "4": {
      "name": "part",
      "kind": "uint32"
    },
    "5": {
      "name": "subsets",
      "kind": "message",
      "message": "SubsetSums",
      "maxItems": 1000
    }
  },
  "SubsetSums": {
    "1": {
      "name": "class",
      "kind": "message",
      "message": "ClassSums",
      "oneof": "sums"
    },
    "2": {
      "name": "regression",
      "kind": "message",
      "message": "RegressionSums",
      "oneof": "sums"
    },
    "3": {
      "name": "survival",
      "kind": "message",
      "message": "SurvivalSums",
      "oneof": "sums"
    }
  },
  "ClassSums": {
    "1": {
      "name": "patients",
      "kind": "uint64"
    },
    "2": {
      "name": "correct",
      "kind": "double"
    },
    "3": {
      "name": "outputs",
      "kind": "uint32"
    },
    "4": {
      "name": "positive",
      "kind": "message",
      "message": "Cells"
    },
    "5": {
      "name": "negative",
      "kind": "message",
      "message": "Cells"
    },
    "6": {
      "name": "scoreSum",
      "kind": "message",
      "message": "Cells"
    },
    "7": {
      "name": "squaredError",
      "kind": "bytes",
      "maxBytes": 8000
    },
    "8": {
      "name": "logLoss",
      "kind": "bytes",
      "maxBytes": 8000
    },
    "9": {
      "name": "calls",
      "kind": "message",
      "message": "Cells"
    }
  },
  "RegressionSums": {
    "1": {
      "name": "patients",
      "kind": "uint64"
    },
    "2": {
      "name": "sumTruth",
      "kind": "double"
    },
    "3": {
      "name": "sumTruthSquares",
      "kind": "double"
    },
    "4": {
      "name": "squaredError",
      "kind": "double"
    },
    "5": {
      "name": "absoluteError",
      "kind": "double"
    }
  },
  "SurvivalSums": {
    "1": {
      "name": "patients",
      "kind": "uint64"
    },
    "2": {
      "name": "events",
      "kind": "uint64"
    },
    "3": {
      "name": "comparable",
      "kind": "double"
    },
    "4": {
      "name": "concordant",
      "kind": "double"
    },
    "5": {
      "name": "grid",
      "kind": "message",
      "message": "Cells"
    }
  },
  "Cells": {
    "1": {
      "name": "dense",
      "kind": "bytes",
      "maxBytes": 67108864,
      "oneof": "form"
    },
    "2": {
      "name": "sparse",
      "kind": "message",
      "message": "SparseCells",
      "oneof": "form"
    }
  },
  "SparseCells": {
    "1": {
      "name": "positions",
      "kind": "bytes",
      "maxBytes": 33554432
    },
    "2": {
      "name": "values",
      "kind": "bytes",
      "maxBytes": 67108864
    }
  },
  "Chunk": {
    "1": {
      "name": "offset",
      "kind": "uint64"
    },
    "2": {
      "name": "data",
      "kind": "bytes",
      "maxBytes": 1048576
    }
  },
  "FetchBlockRequest": {
    "1": {
      "name": "studyHash",
      "kind": "bytes",
      "maxBytes": 32
    },
    "2": {
      "name": "blockHash",
      "kind": "bytes",
      "maxBytes": 32
    },
    "3": {
      "name": "offset",
      "kind": "uint64"
    }
  },
  "FetchBlockHeader": {
    "1": {
      "name": "blockHash",
      "kind": "bytes",
      "maxBytes": 32
    },
    "2": {
      "name": "totalBytes",
      "kind": "uint64"
    },
    "3": {
      "name": "offset",
      "kind": "uint64"
    }
  },
  "FetchBlockResponse": {
    "1": {
      "name": "header",
      "kind": "message",
      "message": "SignedReply",
      "oneof": "part"
    },
    "2": {
      "name": "chunk",
      "kind": "message",
      "message": "Chunk",
      "oneof": "part"
    }
  },
  "UploadManifest": {
    "1": {
      "name": "studyHash",
      "kind": "bytes",
      "maxBytes": 32
    },
    "2": {
      "name": "site",
      "kind": "string",
      "maxBytes": 64
    },
    "3": {
      "name": "round",
      "kind": "uint32"
    },
    "4": {
      "name": "totalBytes",
      "kind": "uint64"
    },
    "5": {
      "name": "contentHash",
      "kind": "bytes",
      "maxBytes": 32
    },
    "6": {
      "name": "chunkHashes",
      "kind": "bytes",
      "maxBytes": 32768
    },
    "7": {
      "name": "update",
      "kind": "message",
      "message": "UpdateHeader",
      "oneof": "content"
    },
    "8": {
      "name": "evaluation",
      "kind": "message",
      "message": "EvaluationHeader",
      "oneof": "content"
    },
    "9": {
      "name": "masked",
      "kind": "message",
      "message": "MaskedHeader",
      "oneof": "content"
    }
  },
  "UpdateHeader": {
    "1": {
      "name": "blocks",
      "kind": "message",
      "message": "BlockHeader",
      "maxItems": 64
    },
    "2": {
      "name": "loss",
      "kind": "double"
    }
  },
  "BlockHeader": {
    "1": {
      "name": "block",
      "kind": "string",
      "maxBytes": 72
    },
    "2": {
      "name": "weight",
      "kind": "uint32"
    },
    "3": {
      "name": "steps",
      "kind": "uint32"
    },
    "4": {
      "name": "clipped",
      "kind": "bool"
    },
    "5": {
      "name": "values",
      "kind": "uint32"
    }
  },
  "MaskedHeader": {
    "1": {
      "name": "session",
      "kind": "bytes",
      "maxBytes": 32
    },
    "2": {
      "name": "blocks",
      "kind": "message",
      "message": "MaskedVector",
      "maxItems": 64
    }
  },
  "MaskedVector": {
    "1": {
      "name": "block",
      "kind": "string",
      "maxBytes": 72
    },
    "2": {
      "name": "values",
      "kind": "uint32"
    }
  },
  "EvaluationHeader": {
    "1": {
      "name": "part",
      "kind": "uint32"
    }
  },
  "UploadRequest": {
    "1": {
      "name": "manifest",
      "kind": "message",
      "message": "SignedRequest",
      "oneof": "part"
    },
    "2": {
      "name": "chunk",
      "kind": "message",
      "message": "Chunk",
      "oneof": "part"
    }
  },
  "UploadProgress": {
    "1": {
      "name": "contentHash",
      "kind": "bytes",
      "maxBytes": 32
    },
    "2": {
      "name": "durableBytes",
      "kind": "uint64"
    }
  },
  "UploadProgressRequest": {
    "1": {
      "name": "studyHash",
      "kind": "bytes",
      "maxBytes": 32
    },
    "2": {
      "name": "site",
      "kind": "string",
      "maxBytes": 64
    },
    "3": {
      "name": "round",
      "kind": "uint32"
    },
    "4": {
      "name": "contentHash",
      "kind": "bytes",
      "maxBytes": 32
    }
  },
  "StartStudyRequest": {
    "1": {
      "name": "study",
      "kind": "message",
      "message": "SignedStudy"
    },
    "2": {
      "name": "sites",
      "kind": "string",
      "maxBytes": 66560
    }
  },
  "StudyCommand": {
    "1": {
      "name": "studyHash",
      "kind": "bytes",
      "maxBytes": 32
    },
    "2": {
      "name": "reason",
      "kind": "string",
      "maxBytes": 2048
    }
  },
  "FetchStatusRequest": {
    "1": {
      "name": "studyHash",
      "kind": "bytes",
      "maxBytes": 32
    }
  },
  "StudyStatus": {
    "1": {
      "name": "summary",
      "kind": "message",
      "message": "StudySummary"
    },
    "2": {
      "name": "sites",
      "kind": "message",
      "message": "SiteSummary",
      "maxItems": 512
    }
  },
  "WatchStudyRequest": {
    "1": {
      "name": "studyHash",
      "kind": "bytes",
      "maxBytes": 32
    },
    "2": {
      "name": "afterSeq",
      "kind": "uint64"
    }
  },
  "WatchStudyReply": {
    "1": {
      "name": "seq",
      "kind": "uint64"
    },
    "2": {
      "name": "status",
      "kind": "message",
      "message": "StudyStatus"
    },
    "3": {
      "name": "rounds",
      "kind": "message",
      "message": "RoundReport",
      "maxItems": 16
    }
  },
  "StudyHead": {
    "1": {
      "name": "studyHash",
      "kind": "bytes",
      "maxBytes": 32
    },
    "2": {
      "name": "round",
      "kind": "uint32"
    },
    "3": {
      "name": "modelHash",
      "kind": "bytes",
      "maxBytes": 32
    },
    "4": {
      "name": "eventSeq",
      "kind": "uint64"
    },
    "5": {
      "name": "eventHash",
      "kind": "bytes",
      "maxBytes": 32
    },
    "6": {
      "name": "timeMs",
      "kind": "uint64"
    }
  },
  "ListStudiesRequest": {},
  "ListStudiesReply": {
    "1": {
      "name": "studies",
      "kind": "message",
      "message": "StudySummary",
      "maxItems": 256
    }
  },
  "SignedStudy": {
    "1": {
      "name": "document",
      "kind": "bytes",
      "maxBytes": 524288
    },
    "2": {
      "name": "lead",
      "kind": "string",
      "maxBytes": 64
    },
    "3": {
      "name": "signature",
      "kind": "bytes",
      "maxBytes": 64
    }
  },
  "FetchStudyRequest": {
    "1": {
      "name": "studyHash",
      "kind": "bytes",
      "maxBytes": 32
    }
  },
  "Approval": {
    "1": {
      "name": "site",
      "kind": "string",
      "maxBytes": 64
    },
    "2": {
      "name": "studyHash",
      "kind": "bytes",
      "maxBytes": 32
    },
    "3": {
      "name": "policyHash",
      "kind": "bytes",
      "maxBytes": 32
    },
    "4": {
      "name": "untilMs",
      "kind": "uint64"
    },
    "5": {
      "name": "signature",
      "kind": "bytes",
      "maxBytes": 64
    }
  },
  "Withdrawal": {
    "1": {
      "name": "site",
      "kind": "string",
      "maxBytes": 64
    },
    "2": {
      "name": "studyHash",
      "kind": "bytes",
      "maxBytes": 32
    }
  },
  "RollbackConsent": {
    "1": {
      "name": "site",
      "kind": "string",
      "maxBytes": 64
    },
    "2": {
      "name": "studyHash",
      "kind": "bytes",
      "maxBytes": 32
    },
    "3": {
      "name": "round",
      "kind": "uint32"
    }
  },
  "StudySummary": {
    "1": {
      "name": "studyHash",
      "kind": "bytes",
      "maxBytes": 32
    },
    "2": {
      "name": "study",
      "kind": "string",
      "maxBytes": 64
    },
    "3": {
      "name": "lead",
      "kind": "string",
      "maxBytes": 64
    },
    "4": {
      "name": "phase",
      "kind": "uint32"
    },
    "5": {
      "name": "round",
      "kind": "uint32"
    },
    "6": {
      "name": "rounds",
      "kind": "uint32"
    },
    "7": {
      "name": "modelHash",
      "kind": "bytes",
      "maxBytes": 32
    },
    "8": {
      "name": "reason",
      "kind": "string",
      "maxBytes": 2048
    }
  },
  "SiteSummary": {
    "1": {
      "name": "site",
      "kind": "string",
      "maxBytes": 64
    },
    "2": {
      "name": "standing",
      "kind": "uint32"
    },
    "3": {
      "name": "ageMs",
      "kind": "uint64"
    },
    "4": {
      "name": "step",
      "kind": "uint32"
    },
    "5": {
      "name": "totalSteps",
      "kind": "uint32"
    },
    "6": {
      "name": "reason",
      "kind": "string",
      "maxBytes": 2048
    },
    "7": {
      "name": "blocks",
      "kind": "string",
      "maxBytes": 4672
    },
    "8": {
      "name": "privacy",
      "kind": "message",
      "message": "PrivacyStatement"
    }
  },
  "PrivacyStatement": {
    "1": {
      "name": "site",
      "kind": "string",
      "maxBytes": 64
    },
    "2": {
      "name": "studyHash",
      "kind": "bytes",
      "maxBytes": 32
    },
    "3": {
      "name": "mode",
      "kind": "uint32"
    },
    "4": {
      "name": "unit",
      "kind": "uint32"
    },
    "5": {
      "name": "delta",
      "kind": "double"
    },
    "6": {
      "name": "multiplier",
      "kind": "double"
    },
    "7": {
      "name": "epsilonBand",
      "kind": "double"
    }
  },
  "RoundReport": {
    "1": {
      "name": "round",
      "kind": "uint32"
    },
    "2": {
      "name": "outcome",
      "kind": "uint32"
    },
    "3": {
      "name": "blocks",
      "kind": "message",
      "message": "BlockReport",
      "maxItems": 64
    },
    "4": {
      "name": "missing",
      "kind": "message",
      "message": "MissingSite",
      "maxItems": 1024
    },
    "5": {
      "name": "loss",
      "kind": "double"
    },
    "6": {
      "name": "closedBy",
      "kind": "uint32"
    },
    "7": {
      "name": "durationMs",
      "kind": "double"
    },
    "8": {
      "name": "modelHash",
      "kind": "bytes",
      "maxBytes": 32
    },
    "9": {
      "name": "validationScore",
      "kind": "double"
    }
  },
  "BlockReport": {
    "1": {
      "name": "block",
      "kind": "string",
      "maxBytes": 72
    },
    "2": {
      "name": "merged",
      "kind": "message",
      "message": "MergedBlock",
      "oneof": "outcome"
    },
    "3": {
      "name": "kept",
      "kind": "message",
      "message": "KeptBlock",
      "oneof": "outcome"
    },
    "4": {
      "name": "contributors",
      "kind": "string",
      "maxBytes": 66560
    },
    "5": {
      "name": "clipped",
      "kind": "uint32"
    },
    "6": {
      "name": "saturated",
      "kind": "uint32"
    },
    "7": {
      "name": "singleton",
      "kind": "string",
      "maxBytes": 64
    }
  },
  "MergedBlock": {
    "1": {
      "name": "deltaNorm",
      "kind": "double"
    },
    "2": {
      "name": "stepNorm",
      "kind": "double"
    },
    "3": {
      "name": "scale",
      "kind": "double"
    }
  },
  "KeptBlock": {
    "1": {
      "name": "reason",
      "kind": "uint32"
    },
    "2": {
      "name": "detail",
      "kind": "string",
      "maxBytes": 2048
    }
  },
  "MissingSite": {
    "1": {
      "name": "site",
      "kind": "string",
      "maxBytes": 64
    },
    "2": {
      "name": "reason",
      "kind": "uint32"
    },
    "3": {
      "name": "detail",
      "kind": "string",
      "maxBytes": 2048
    }
  },
  "AwaitInstructionRequest": {
    "1": {
      "name": "studyHash",
      "kind": "bytes",
      "maxBytes": 32
    },
    "2": {
      "name": "site",
      "kind": "string",
      "maxBytes": 64
    }
  },
  "AwaitInstructionReply": {
    "1": {
      "name": "nothingYet",
      "kind": "message",
      "message": "NothingYet",
      "oneof": "answer"
    },
    "2": {
      "name": "instruction",
      "kind": "message",
      "message": "LastingSignature",
      "oneof": "answer"
    }
  },
  "NothingYet": {},
  "Instruction": {
    "1": {
      "name": "studyHash",
      "kind": "bytes",
      "maxBytes": 32
    },
    "2": {
      "name": "site",
      "kind": "string",
      "maxBytes": 64
    },
    "3": {
      "name": "census",
      "kind": "message",
      "message": "CensusInstruction",
      "oneof": "kind"
    },
    "4": {
      "name": "train",
      "kind": "message",
      "message": "TrainInstruction",
      "oneof": "kind"
    },
    "5": {
      "name": "evaluate",
      "kind": "message",
      "message": "EvaluateInstruction",
      "oneof": "kind"
    },
    "6": {
      "name": "finished",
      "kind": "message",
      "message": "FinishedInstruction",
      "oneof": "kind"
    },
    "7": {
      "name": "secure",
      "kind": "message",
      "message": "SecureInstruction",
      "oneof": "kind"
    }
  },
  "CensusInstruction": {},
  "TrainInstruction": {
    "1": {
      "name": "round",
      "kind": "uint32"
    },
    "2": {
      "name": "blocks",
      "kind": "message",
      "message": "BlockHash",
      "maxItems": 64
    },
    "3": {
      "name": "solo",
      "kind": "message",
      "message": "BlockHash",
      "maxItems": 64
    },
    "4": {
      "name": "weights",
      "kind": "message",
      "message": "BlockWeight",
      "maxItems": 64
    },
    "5": {
      "name": "clips",
      "kind": "message",
      "message": "BlockNumber",
      "maxItems": 64
    },
    "6": {
      "name": "census",
      "kind": "message",
      "message": "CensusResult"
    }
  },
  "EvaluateInstruction": {
    "1": {
      "name": "round",
      "kind": "uint32"
    },
    "2": {
      "name": "part",
      "kind": "uint32"
    },
    "3": {
      "name": "subsets",
      "kind": "message",
      "message": "ModalitySubset",
      "maxItems": 1000
    },
    "4": {
      "name": "blocks",
      "kind": "message",
      "message": "BlockHash",
      "maxItems": 64
    },
    "5": {
      "name": "census",
      "kind": "message",
      "message": "CensusResult"
    }
  },
  "SecureInstruction": {
    "1": {
      "name": "round",
      "kind": "uint32"
    },
    "2": {
      "name": "session",
      "kind": "bytes",
      "maxBytes": 32
    },
    "3": {
      "name": "task",
      "kind": "message",
      "message": "SecureTask"
    }
  },
  "FinishedInstruction": {
    "1": {
      "name": "reason",
      "kind": "uint32"
    }
  },
  "BlockHash": {
    "1": {
      "name": "block",
      "kind": "string",
      "maxBytes": 72
    },
    "2": {
      "name": "hash",
      "kind": "bytes",
      "maxBytes": 32
    }
  },
  "ModalitySubset": {
    "1": {
      "name": "modalities",
      "kind": "string",
      "maxBytes": 4224
    }
  },
  "FetchRecordsRequest": {
    "1": {
      "name": "studyHash",
      "kind": "bytes",
      "maxBytes": 32
    },
    "2": {
      "name": "site",
      "kind": "string",
      "maxBytes": 64
    },
    "3": {
      "name": "afterRound",
      "kind": "uint32"
    }
  },
  "FetchRecordsReply": {
    "1": {
      "name": "records",
      "kind": "message",
      "message": "LastingSignature",
      "maxItems": 32
    }
  },
  "CommitRequest": {
    "1": {
      "name": "studyHash",
      "kind": "bytes",
      "maxBytes": 32
    },
    "2": {
      "name": "site",
      "kind": "string",
      "maxBytes": 64
    },
    "3": {
      "name": "round",
      "kind": "uint32"
    },
    "4": {
      "name": "contentHash",
      "kind": "bytes",
      "maxBytes": 32
    }
  },
  "ReadyNotice": {
    "1": {
      "name": "studyHash",
      "kind": "bytes",
      "maxBytes": 32
    },
    "2": {
      "name": "site",
      "kind": "string",
      "maxBytes": 64
    },
    "3": {
      "name": "round",
      "kind": "uint32"
    },
    "4": {
      "name": "purpose",
      "kind": "uint32"
    },
    "5": {
      "name": "blocks",
      "kind": "string",
      "maxBytes": 16575
    }
  },
  "SecureSubmission": {
    "1": {
      "name": "studyHash",
      "kind": "bytes",
      "maxBytes": 32
    },
    "2": {
      "name": "site",
      "kind": "string",
      "maxBytes": 64
    },
    "3": {
      "name": "round",
      "kind": "uint32"
    },
    "4": {
      "name": "session",
      "kind": "bytes",
      "maxBytes": 32
    },
    "5": {
      "name": "message",
      "kind": "message",
      "message": "SecureMessage"
    },
    "6": {
      "name": "contentHash",
      "kind": "bytes",
      "maxBytes": 32
    }
  },
  "Receipt": {
    "1": {
      "name": "accepted",
      "kind": "message",
      "message": "Accepted",
      "oneof": "kind"
    },
    "2": {
      "name": "duplicate",
      "kind": "message",
      "message": "Duplicate",
      "oneof": "kind"
    },
    "3": {
      "name": "late",
      "kind": "message",
      "message": "Late",
      "oneof": "kind"
    },
    "4": {
      "name": "refused",
      "kind": "message",
      "message": "Refused",
      "oneof": "kind"
    }
  },
  "Accepted": {},
  "Duplicate": {},
  "Late": {
    "1": {
      "name": "openRound",
      "kind": "uint32"
    }
  },
  "Refused": {
    "1": {
      "name": "reason",
      "kind": "string",
      "maxBytes": 2048
    }
  },
  "DeclineRequest": {
    "1": {
      "name": "studyHash",
      "kind": "bytes",
      "maxBytes": 32
    },
    "2": {
      "name": "site",
      "kind": "string",
      "maxBytes": 64
    },
    "3": {
      "name": "round",
      "kind": "uint32"
    }
  },
  "ProgressRequest": {
    "1": {
      "name": "studyHash",
      "kind": "bytes",
      "maxBytes": 32
    },
    "2": {
      "name": "site",
      "kind": "string",
      "maxBytes": 64
    },
    "3": {
      "name": "round",
      "kind": "uint32"
    },
    "4": {
      "name": "step",
      "kind": "uint32"
    },
    "5": {
      "name": "totalSteps",
      "kind": "uint32"
    }
  },
  "SecureContext": {
    "1": {
      "name": "studyHash",
      "kind": "bytes",
      "maxBytes": 32
    },
    "2": {
      "name": "round",
      "kind": "uint32"
    },
    "3": {
      "name": "attempt",
      "kind": "uint32"
    },
    "4": {
      "name": "purpose",
      "kind": "uint32"
    },
    "5": {
      "name": "rosterVersion",
      "kind": "uint64"
    },
    "6": {
      "name": "modelHash",
      "kind": "bytes",
      "maxBytes": 32
    },
    "7": {
      "name": "blocks",
      "kind": "message",
      "message": "SecureBlock",
      "maxItems": 64
    },
    "8": {
      "name": "iteration",
      "kind": "uint32"
    }
  },
  "SecureBlock": {
    "1": {
      "name": "block",
      "kind": "string",
      "maxBytes": 72
    },
    "2": {
      "name": "length",
      "kind": "uint32"
    },
    "3": {
      "name": "clip",
      "kind": "double"
    },
    "4": {
      "name": "registered",
      "kind": "uint64"
    },
    "5": {
      "name": "censusEpoch",
      "kind": "uint32"
    },
    "6": {
      "name": "kMin",
      "kind": "uint32"
    },
    "7": {
      "name": "base",
      "kind": "bytes",
      "maxBytes": 32
    },
    "8": {
      "name": "earlier",
      "kind": "message",
      "message": "EarlierSum"
    }
  },
  "EarlierSum": {
    "1": {
      "name": "transcript",
      "kind": "bytes",
      "maxBytes": 32
    },
    "2": {
      "name": "sum",
      "kind": "bytes",
      "maxBytes": 32
    },
    "3": {
      "name": "weight",
      "kind": "uint64"
    },
    "4": {
      "name": "survivors",
      "kind": "string",
      "maxBytes": 16575
    }
  },
  "SecureMessage": {
    "1": {
      "name": "site",
      "kind": "string",
      "maxBytes": 64
    },
    "2": {
      "name": "body",
      "kind": "bytes",
      "maxBytes": 1048576
    },
    "3": {
      "name": "signature",
      "kind": "bytes",
      "maxBytes": 64
    }
  },
  "Advertisement": {
    "1": {
      "name": "session",
      "kind": "bytes",
      "maxBytes": 32
    },
    "2": {
      "name": "boxKey",
      "kind": "bytes",
      "maxBytes": 32
    },
    "3": {
      "name": "blocks",
      "kind": "message",
      "message": "AdvertisedBlock",
      "maxItems": 64
    }
  },
  "AdvertisedBlock": {
    "1": {
      "name": "block",
      "kind": "string",
      "maxBytes": 72
    },
    "2": {
      "name": "maskKey",
      "kind": "bytes",
      "maxBytes": 32
    },
    "3": {
      "name": "kMin",
      "kind": "uint32"
    }
  },
  "SharesMessage": {
    "1": {
      "name": "session",
      "kind": "bytes",
      "maxBytes": 32
    },
    "2": {
      "name": "transcriptSignature",
      "kind": "bytes",
      "maxBytes": 64
    },
    "3": {
      "name": "boxes",
      "kind": "message",
      "message": "PeerBox",
      "maxItems": 254
    },
    "4": {
      "name": "commitments",
      "kind": "message",
      "message": "BlockCommitments",
      "maxItems": 64
    }
  },
  "PeerBox": {
    "1": {
      "name": "peer",
      "kind": "string",
      "maxBytes": 64
    },
    "2": {
      "name": "sealed",
      "kind": "bytes",
      "maxBytes": 16384
    }
  },
  "BlockCommitments": {
    "1": {
      "name": "block",
      "kind": "string",
      "maxBytes": 72
    },
    "2": {
      "name": "seed",
      "kind": "bytes",
      "maxBytes": 32
    },
    "3": {
      "name": "keyShares",
      "kind": "bytes",
      "maxBytes": 8160
    },
    "4": {
      "name": "seedShares",
      "kind": "bytes",
      "maxBytes": 8160
    }
  },
  "SharedSecrets": {
    "1": {
      "name": "transcript",
      "kind": "bytes",
      "maxBytes": 32
    },
    "2": {
      "name": "from",
      "kind": "string",
      "maxBytes": 64
    },
    "3": {
      "name": "to",
      "kind": "string",
      "maxBytes": 64
    },
    "4": {
      "name": "blocks",
      "kind": "message",
      "message": "BlockShares",
      "maxItems": 64
    }
  },
  "BlockShares": {
    "1": {
      "name": "block",
      "kind": "string",
      "maxBytes": 72
    },
    "2": {
      "name": "keyShare",
      "kind": "bytes",
      "maxBytes": 33
    },
    "3": {
      "name": "seedShare",
      "kind": "bytes",
      "maxBytes": 33
    }
  },
  "Delivery": {
    "1": {
      "name": "from",
      "kind": "string",
      "maxBytes": 64
    },
    "2": {
      "name": "transcriptSignature",
      "kind": "bytes",
      "maxBytes": 64
    },
    "3": {
      "name": "sealed",
      "kind": "bytes",
      "maxBytes": 16384
    },
    "4": {
      "name": "commitments",
      "kind": "message",
      "message": "DeliveredCommitments",
      "maxItems": 64
    }
  },
  "DeliveredCommitments": {
    "1": {
      "name": "block",
      "kind": "string",
      "maxBytes": 72
    },
    "2": {
      "name": "keyShare",
      "kind": "bytes",
      "maxBytes": 32
    },
    "3": {
      "name": "seedShare",
      "kind": "bytes",
      "maxBytes": 32
    }
  },
  "Confirmation": {
    "1": {
      "name": "session",
      "kind": "bytes",
      "maxBytes": 32
    },
    "2": {
      "name": "blocks",
      "kind": "message",
      "message": "ConfirmedBlock",
      "maxItems": 64
    }
  },
  "ConfirmedBlock": {
    "1": {
      "name": "block",
      "kind": "string",
      "maxBytes": 72
    },
    "3": {
      "name": "holders",
      "kind": "bytes",
      "maxBytes": 32
    }
  },
  "MaskedManifest": {
    "1": {
      "name": "session",
      "kind": "bytes",
      "maxBytes": 32
    },
    "2": {
      "name": "blocks",
      "kind": "message",
      "message": "MaskedBlock",
      "maxItems": 64
    }
  },
  "MaskedBlock": {
    "1": {
      "name": "block",
      "kind": "string",
      "maxBytes": 72
    },
    "2": {
      "name": "cohort",
      "kind": "bytes",
      "maxBytes": 32
    },
    "3": {
      "name": "length",
      "kind": "uint32"
    },
    "4": {
      "name": "vector",
      "kind": "bytes",
      "maxBytes": 32
    }
  },
  "Agreement": {
    "1": {
      "name": "session",
      "kind": "bytes",
      "maxBytes": 32
    },
    "2": {
      "name": "transcript",
      "kind": "bytes",
      "maxBytes": 32
    },
    "3": {
      "name": "blocks",
      "kind": "message",
      "message": "SurvivingBlock",
      "maxItems": 64
    }
  },
  "SurvivingBlock": {
    "1": {
      "name": "block",
      "kind": "string",
      "maxBytes": 72
    },
    "3": {
      "name": "survivors",
      "kind": "bytes",
      "maxBytes": 32
    }
  },
  "Unmasking": {
    "1": {
      "name": "session",
      "kind": "bytes",
      "maxBytes": 32
    },
    "2": {
      "name": "blocks",
      "kind": "message",
      "message": "UnmaskedBlock",
      "maxItems": 64
    }
  },
  "UnmaskedBlock": {
    "1": {
      "name": "block",
      "kind": "string",
      "maxBytes": 72
    },
    "2": {
      "name": "shares",
      "kind": "bytes",
      "maxBytes": 8415
    }
  },
  "SecureMessages": {
    "1": {
      "name": "messages",
      "kind": "message",
      "message": "SecureMessage",
      "maxItems": 255
    }
  },
  "Deliveries": {
    "1": {
      "name": "deliveries",
      "kind": "message",
      "message": "Delivery",
      "maxItems": 255
    }
  },
  "AgreeTask": {
    "1": {
      "name": "confirmations",
      "kind": "message",
      "message": "SecureMessage",
      "maxItems": 255
    },
    "2": {
      "name": "manifests",
      "kind": "message",
      "message": "SecureMessage",
      "maxItems": 255
    }
  },
  "SecureTask": {
    "1": {
      "name": "advertise",
      "kind": "message",
      "message": "SecureContext",
      "oneof": "task"
    },
    "2": {
      "name": "share",
      "kind": "message",
      "message": "SecureMessages",
      "oneof": "task"
    },
    "3": {
      "name": "confirm",
      "kind": "message",
      "message": "Deliveries",
      "oneof": "task"
    },
    "4": {
      "name": "mask",
      "kind": "message",
      "message": "SecureMessages",
      "oneof": "task"
    },
    "5": {
      "name": "agree",
      "kind": "message",
      "message": "AgreeTask",
      "oneof": "task"
    },
    "6": {
      "name": "unmask",
      "kind": "message",
      "message": "SecureMessages",
      "oneof": "task"
    }
  },
  "ChallengeRequest": {},
  "ChallengeReply": {
    "1": {
      "name": "challenge",
      "kind": "bytes",
      "maxBytes": 32
    }
  },
  "OpenSessionRequest": {
    "1": {
      "name": "challenge",
      "kind": "bytes",
      "maxBytes": 32
    },
    "2": {
      "name": "protocol",
      "kind": "message",
      "message": "ProtocolWindow"
    },
    "3": {
      "name": "software",
      "kind": "string",
      "maxBytes": 64
    }
  },
  "ProtocolWindow": {
    "1": {
      "name": "min",
      "kind": "uint32"
    },
    "2": {
      "name": "max",
      "kind": "uint32"
    }
  },
  "OpenSessionReply": {
    "1": {
      "name": "session",
      "kind": "bytes",
      "maxBytes": 16
    },
    "2": {
      "name": "fence",
      "kind": "uint64"
    },
    "3": {
      "name": "expiresMs",
      "kind": "uint64"
    },
    "4": {
      "name": "protocol",
      "kind": "message",
      "message": "ProtocolWindow"
    },
    "5": {
      "name": "version",
      "kind": "uint32"
    },
    "6": {
      "name": "heads",
      "kind": "message",
      "message": "LastingSignature",
      "maxItems": 256
    },
    "7": {
      "name": "software",
      "kind": "string",
      "maxBytes": 64
    }
  },
  "CloseSessionRequest": {},
  "AuditHead": {
    "1": {
      "name": "seq",
      "kind": "uint64"
    },
    "2": {
      "name": "head",
      "kind": "bytes",
      "maxBytes": 32
    },
    "3": {
      "name": "timeMs",
      "kind": "uint64"
    },
    "4": {
      "name": "signature",
      "kind": "bytes",
      "maxBytes": 64
    }
  }
} as const satisfies ScanTable;
