/** The policy of a new site: every field with what it means, and nothing allowed. */
export const POLICY_TEMPLATE = `# What this site allows. The strictest of study and policy counts; nobody else can widen it.
# It is read at start and before each step. A key that does not exist is an error. Only what is listed is allowed.
policy: 1

# true: nothing leaves, sessions end, at the next message.
kill: false

studies:
  # Studies that may run here, each until the end of a day (UTC), such as { hash: "sha256:...", until: 2027-06-30 }.
  # consilium site approve keeps its approvals beside this list, in state/approvals.json.
  allow: []
  # Leads whose signed studies need no approval of their own.
  leads: []

modalities:
  # Modalities whose encoders may be shared.
  release: []
  # Modalities that must not be, whatever release says.
  never: []

cohort:
  # Smallest number of sites in a sum that is revealed; not below 3. A study's merge.minHolders must reach it.
  kMin: 5
  # A modality held for fewer patients is not offered. A study's merge.minPatients must reach it.
  minPatients: 50
  # No number leaves from which a group of fewer patients could be counted. A study's evaluation.minCell must reach it.
  minCell: 11
  # For a block with one holder. Such a block stays here in this release, and anything but null is an error.
  soloRelease: null
  # Sites with which this one alone may form a sum. Three is the fewest in this release, and anything but [] is an error.
  pairWaiver: []

secureAggregation:
  # Refuse studies of which the coordinator reads more than sums over sites. With false, a study without secure aggregation
  # lets the coordinator read each update of this site, and its counts, by itself.
  require: true
  # The most precise weights that are accepted: uniform, bucketed or exact.
  weights: bucketed
  # Rounds of a study in which the sites of a sum may differ by exactly one from those of the sum before, whose part the two
  # sums then tell. Above it this site signs no such sum any more; 0: never.
  maxSingletonChurn: 3

privacy:
  # The least that is accepted: off, or record (noise on each patient's gradient, added here): docs/privacy.md.
  mode: off
  # Epsilon of one study, epsilon of all studies on this site's patients, and largest delta; must be given if mode is
  # record. A round that would pass them is declined; what is spent stays spent.
  maxEpsilon: null
  maxEpsilonTotal: null
  maxDelta: null

update:
  # Largest L2 norm by which one update may move a block.
  maxClip: 10
  # Largest model, in parameters.
  maxParameters: 50000000
  # Refuse a study whose models this site cannot recompute: one without secure aggregation, or that takes single updates.
  requireModelChain: true

evaluation:
  # Metrics that may leave as sums: auroc, auprc, brier, calibration (a study of classes needs these four); rmse, mae, r2
  # (of numbers); cIndex (of survival).
  metrics: []
  # Whether sums of its evaluations may leave by themselves. With false they leave in masked sums alone, and a study without
  # secure aggregation gets none.
  perSite: false

limits:
  # Rounds per study.
  rounds: 200
  # Hours of training and MiB of updates in any 24 hours, over all studies; 24 hours is no limit.
  trainingHoursPerDay: 24
  uploadMiBPerDay: 4096

schedule:
  # When training may start, such as "20:00-06:00"; null: always. Messages are answered at all times.
  train: null
  zone: UTC

transport:
  # A proxy that ends TLS: none is accepted in this release, and true is an error.
  inspected: false
  # The HTTP proxy is named in site.yaml: anything but null is an error.
  proxy: null
`;
