// Generated from proto/ by `npm run proto`. Not to be edited.
import * as $protobuf from "protobufjs";

/** Namespace consilium. */
export namespace consilium {

    /** Namespace v1. */
    namespace v1 {

        /**
         * Properties of a Declaration.
         * @deprecated Use consilium.v1.Declaration.$Properties instead.
         */
        interface IDeclaration extends consilium.v1.Declaration.$Properties {
        }

        /** Represents a Declaration. */
        class Declaration {

            /**
             * Constructs a new Declaration.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.Declaration.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Declaration site. */
            site: string;

            /** Declaration studyHash. */
            studyHash: Uint8Array;

            /** Declaration patients. */
            patients: number;

            /** Declaration modalityPatients. */
            modalityPatients: consilium.v1.ModalityPatients.$Properties[];

            /** Declaration moments. */
            moments: consilium.v1.ModalityMoments.$Properties[];

            /** Declaration classCounts. */
            classCounts: Uint8Array;

            /** Declaration target. */
            target?: (consilium.v1.TargetMoments.$Properties|null);

            /** Declaration fromRound. */
            fromRound: number;

            /**
             * Encodes the specified Declaration message. Does not implicitly {@link consilium.v1.Declaration.verify|verify} messages.
             * @param message Declaration message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.Declaration.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Declaration message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.Declaration & consilium.v1.Declaration.$Shape} Declaration
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.Declaration & consilium.v1.Declaration.$Shape;
        }

        namespace Declaration {

            /** Properties of a Declaration. */
            interface $Properties {

                /** Declaration site */
                site?: (string|null);

                /** Declaration studyHash */
                studyHash?: (Uint8Array|null);

                /** Declaration patients */
                patients?: (number|null);

                /** Declaration modalityPatients */
                modalityPatients?: (consilium.v1.ModalityPatients.$Properties[]|null);

                /** Declaration moments */
                moments?: (consilium.v1.ModalityMoments.$Properties[]|null);

                /** Declaration classCounts */
                classCounts?: (Uint8Array|null);

                /** Declaration target */
                target?: (consilium.v1.TargetMoments.$Properties|null);

                /** Declaration fromRound */
                fromRound?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Declaration. */
            type $Shape = consilium.v1.Declaration.$Properties;
        }

        /**
         * Properties of a ModalityPatients.
         * @deprecated Use consilium.v1.ModalityPatients.$Properties instead.
         */
        interface IModalityPatients extends consilium.v1.ModalityPatients.$Properties {
        }

        /** Represents a ModalityPatients. */
        class ModalityPatients {

            /**
             * Constructs a new ModalityPatients.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.ModalityPatients.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ModalityPatients modality. */
            modality: string;

            /** ModalityPatients patients. */
            patients: number;

            /**
             * Encodes the specified ModalityPatients message. Does not implicitly {@link consilium.v1.ModalityPatients.verify|verify} messages.
             * @param message ModalityPatients message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.ModalityPatients.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ModalityPatients message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.ModalityPatients & consilium.v1.ModalityPatients.$Shape} ModalityPatients
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.ModalityPatients & consilium.v1.ModalityPatients.$Shape;
        }

        namespace ModalityPatients {

            /** Properties of a ModalityPatients. */
            interface $Properties {

                /** ModalityPatients modality */
                modality?: (string|null);

                /** ModalityPatients patients */
                patients?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ModalityPatients. */
            type $Shape = consilium.v1.ModalityPatients.$Properties;
        }

        /**
         * Properties of a ModalityMoments.
         * @deprecated Use consilium.v1.ModalityMoments.$Properties instead.
         */
        interface IModalityMoments extends consilium.v1.ModalityMoments.$Properties {
        }

        /** Represents a ModalityMoments. */
        class ModalityMoments {

            /**
             * Constructs a new ModalityMoments.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.ModalityMoments.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ModalityMoments modality. */
            modality: string;

            /** ModalityMoments count. */
            count: Uint8Array;

            /** ModalityMoments sum. */
            sum: Uint8Array;

            /** ModalityMoments sumSquares. */
            sumSquares: Uint8Array;

            /**
             * Encodes the specified ModalityMoments message. Does not implicitly {@link consilium.v1.ModalityMoments.verify|verify} messages.
             * @param message ModalityMoments message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.ModalityMoments.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ModalityMoments message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.ModalityMoments & consilium.v1.ModalityMoments.$Shape} ModalityMoments
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.ModalityMoments & consilium.v1.ModalityMoments.$Shape;
        }

        namespace ModalityMoments {

            /** Properties of a ModalityMoments. */
            interface $Properties {

                /** ModalityMoments modality */
                modality?: (string|null);

                /** ModalityMoments count */
                count?: (Uint8Array|null);

                /** ModalityMoments sum */
                sum?: (Uint8Array|null);

                /** ModalityMoments sumSquares */
                sumSquares?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ModalityMoments. */
            type $Shape = consilium.v1.ModalityMoments.$Properties;
        }

        /**
         * Properties of a TargetMoments.
         * @deprecated Use consilium.v1.TargetMoments.$Properties instead.
         */
        interface ITargetMoments extends consilium.v1.TargetMoments.$Properties {
        }

        /** Represents a TargetMoments. */
        class TargetMoments {

            /**
             * Constructs a new TargetMoments.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.TargetMoments.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** TargetMoments count. */
            count: number;

            /** TargetMoments sum. */
            sum: number;

            /** TargetMoments sumSquares. */
            sumSquares: number;

            /**
             * Encodes the specified TargetMoments message. Does not implicitly {@link consilium.v1.TargetMoments.verify|verify} messages.
             * @param message TargetMoments message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.TargetMoments.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a TargetMoments message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.TargetMoments & consilium.v1.TargetMoments.$Shape} TargetMoments
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.TargetMoments & consilium.v1.TargetMoments.$Shape;
        }

        namespace TargetMoments {

            /** Properties of a TargetMoments. */
            interface $Properties {

                /** TargetMoments count */
                count?: (number|null);

                /** TargetMoments sum */
                sum?: (number|null);

                /** TargetMoments sumSquares */
                sumSquares?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a TargetMoments. */
            type $Shape = consilium.v1.TargetMoments.$Properties;
        }

        /**
         * Properties of a CensusResult.
         * @deprecated Use consilium.v1.CensusResult.$Properties instead.
         */
        interface ICensusResult extends consilium.v1.CensusResult.$Properties {
        }

        /** Represents a CensusResult. */
        class CensusResult {

            /**
             * Constructs a new CensusResult.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.CensusResult.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** CensusResult normalization. */
            normalization?: (consilium.v1.Normalization.$Properties|null);

            /** CensusResult classWeights. */
            classWeights: Uint8Array;

            /** CensusResult registeredWeights. */
            registeredWeights: consilium.v1.BlockWeight.$Properties[];

            /** CensusResult rarity. */
            rarity: consilium.v1.BlockNumber.$Properties[];

            /**
             * Encodes the specified CensusResult message. Does not implicitly {@link consilium.v1.CensusResult.verify|verify} messages.
             * @param message CensusResult message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.CensusResult.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a CensusResult message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.CensusResult & consilium.v1.CensusResult.$Shape} CensusResult
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.CensusResult & consilium.v1.CensusResult.$Shape;
        }

        namespace CensusResult {

            /** Properties of a CensusResult. */
            interface $Properties {

                /** CensusResult normalization */
                normalization?: (consilium.v1.Normalization.$Properties|null);

                /** CensusResult classWeights */
                classWeights?: (Uint8Array|null);

                /** CensusResult registeredWeights */
                registeredWeights?: (consilium.v1.BlockWeight.$Properties[]|null);

                /** CensusResult rarity */
                rarity?: (consilium.v1.BlockNumber.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a CensusResult. */
            type $Shape = consilium.v1.CensusResult.$Properties;
        }

        /**
         * Properties of a Normalization.
         * @deprecated Use consilium.v1.Normalization.$Properties instead.
         */
        interface INormalization extends consilium.v1.Normalization.$Properties {
        }

        /** Represents a Normalization. */
        class Normalization {

            /**
             * Constructs a new Normalization.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.Normalization.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Normalization features. */
            features: consilium.v1.ModalityScale.$Properties[];

            /** Normalization target. */
            target?: (consilium.v1.TargetScale.$Properties|null);

            /**
             * Encodes the specified Normalization message. Does not implicitly {@link consilium.v1.Normalization.verify|verify} messages.
             * @param message Normalization message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.Normalization.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Normalization message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.Normalization & consilium.v1.Normalization.$Shape} Normalization
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.Normalization & consilium.v1.Normalization.$Shape;
        }

        namespace Normalization {

            /** Properties of a Normalization. */
            interface $Properties {

                /** Normalization features */
                features?: (consilium.v1.ModalityScale.$Properties[]|null);

                /** Normalization target */
                target?: (consilium.v1.TargetScale.$Properties|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Normalization. */
            type $Shape = consilium.v1.Normalization.$Properties;
        }

        /**
         * Properties of a ModalityScale.
         * @deprecated Use consilium.v1.ModalityScale.$Properties instead.
         */
        interface IModalityScale extends consilium.v1.ModalityScale.$Properties {
        }

        /** Represents a ModalityScale. */
        class ModalityScale {

            /**
             * Constructs a new ModalityScale.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.ModalityScale.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ModalityScale modality. */
            modality: string;

            /** ModalityScale mean. */
            mean: Uint8Array;

            /** ModalityScale deviation. */
            deviation: Uint8Array;

            /**
             * Encodes the specified ModalityScale message. Does not implicitly {@link consilium.v1.ModalityScale.verify|verify} messages.
             * @param message ModalityScale message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.ModalityScale.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ModalityScale message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.ModalityScale & consilium.v1.ModalityScale.$Shape} ModalityScale
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.ModalityScale & consilium.v1.ModalityScale.$Shape;
        }

        namespace ModalityScale {

            /** Properties of a ModalityScale. */
            interface $Properties {

                /** ModalityScale modality */
                modality?: (string|null);

                /** ModalityScale mean */
                mean?: (Uint8Array|null);

                /** ModalityScale deviation */
                deviation?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ModalityScale. */
            type $Shape = consilium.v1.ModalityScale.$Properties;
        }

        /**
         * Properties of a TargetScale.
         * @deprecated Use consilium.v1.TargetScale.$Properties instead.
         */
        interface ITargetScale extends consilium.v1.TargetScale.$Properties {
        }

        /** Represents a TargetScale. */
        class TargetScale {

            /**
             * Constructs a new TargetScale.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.TargetScale.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** TargetScale mean. */
            mean: number;

            /** TargetScale deviation. */
            deviation: number;

            /**
             * Encodes the specified TargetScale message. Does not implicitly {@link consilium.v1.TargetScale.verify|verify} messages.
             * @param message TargetScale message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.TargetScale.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a TargetScale message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.TargetScale & consilium.v1.TargetScale.$Shape} TargetScale
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.TargetScale & consilium.v1.TargetScale.$Shape;
        }

        namespace TargetScale {

            /** Properties of a TargetScale. */
            interface $Properties {

                /** TargetScale mean */
                mean?: (number|null);

                /** TargetScale deviation */
                deviation?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a TargetScale. */
            type $Shape = consilium.v1.TargetScale.$Properties;
        }

        /**
         * Properties of a BlockWeight.
         * @deprecated Use consilium.v1.BlockWeight.$Properties instead.
         */
        interface IBlockWeight extends consilium.v1.BlockWeight.$Properties {
        }

        /** Represents a BlockWeight. */
        class BlockWeight {

            /**
             * Constructs a new BlockWeight.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.BlockWeight.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** BlockWeight block. */
            block: string;

            /** BlockWeight weight. */
            weight: number;

            /**
             * Encodes the specified BlockWeight message. Does not implicitly {@link consilium.v1.BlockWeight.verify|verify} messages.
             * @param message BlockWeight message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.BlockWeight.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a BlockWeight message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.BlockWeight & consilium.v1.BlockWeight.$Shape} BlockWeight
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.BlockWeight & consilium.v1.BlockWeight.$Shape;
        }

        namespace BlockWeight {

            /** Properties of a BlockWeight. */
            interface $Properties {

                /** BlockWeight block */
                block?: (string|null);

                /** BlockWeight weight */
                weight?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a BlockWeight. */
            type $Shape = consilium.v1.BlockWeight.$Properties;
        }

        /**
         * Properties of a BlockNumber.
         * @deprecated Use consilium.v1.BlockNumber.$Properties instead.
         */
        interface IBlockNumber extends consilium.v1.BlockNumber.$Properties {
        }

        /** Represents a BlockNumber. */
        class BlockNumber {

            /**
             * Constructs a new BlockNumber.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.BlockNumber.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** BlockNumber block. */
            block: string;

            /** BlockNumber value. */
            value: number;

            /**
             * Encodes the specified BlockNumber message. Does not implicitly {@link consilium.v1.BlockNumber.verify|verify} messages.
             * @param message BlockNumber message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.BlockNumber.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a BlockNumber message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.BlockNumber & consilium.v1.BlockNumber.$Shape} BlockNumber
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.BlockNumber & consilium.v1.BlockNumber.$Shape;
        }

        namespace BlockNumber {

            /** Properties of a BlockNumber. */
            interface $Properties {

                /** BlockNumber block */
                block?: (string|null);

                /** BlockNumber value */
                value?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a BlockNumber. */
            type $Shape = consilium.v1.BlockNumber.$Properties;
        }

        /** Authentication enum. */
        enum Authentication {

            /** AUTHENTICATION_UNSPECIFIED value */
            AUTHENTICATION_UNSPECIFIED = 0,

            /** AUTHENTICATION_NONE value */
            AUTHENTICATION_NONE = 1,

            /** AUTHENTICATION_OWN_KEY value */
            AUTHENTICATION_OWN_KEY = 2,

            /** AUTHENTICATION_ROSTER_KEY value */
            AUTHENTICATION_ROSTER_KEY = 3,

            /** AUTHENTICATION_SESSION value */
            AUTHENTICATION_SESSION = 4
        }

        /**
         * Properties of a FetchRostersRequest.
         * @deprecated Use consilium.v1.FetchRostersRequest.$Properties instead.
         */
        interface IFetchRostersRequest extends consilium.v1.FetchRostersRequest.$Properties {
        }

        /** Represents a FetchRostersRequest. */
        class FetchRostersRequest {

            /**
             * Constructs a new FetchRostersRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.FetchRostersRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** FetchRostersRequest afterVersion. */
            afterVersion: number;

            /**
             * Encodes the specified FetchRostersRequest message. Does not implicitly {@link consilium.v1.FetchRostersRequest.verify|verify} messages.
             * @param message FetchRostersRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.FetchRostersRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a FetchRostersRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.FetchRostersRequest & consilium.v1.FetchRostersRequest.$Shape} FetchRostersRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.FetchRostersRequest & consilium.v1.FetchRostersRequest.$Shape;
        }

        namespace FetchRostersRequest {

            /** Properties of a FetchRostersRequest. */
            interface $Properties {

                /** FetchRostersRequest afterVersion */
                afterVersion?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a FetchRostersRequest. */
            type $Shape = consilium.v1.FetchRostersRequest.$Properties;
        }

        /**
         * Properties of a FetchRostersReply.
         * @deprecated Use consilium.v1.FetchRostersReply.$Properties instead.
         */
        interface IFetchRostersReply extends consilium.v1.FetchRostersReply.$Properties {
        }

        /** Represents a FetchRostersReply. */
        class FetchRostersReply {

            /**
             * Constructs a new FetchRostersReply.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.FetchRostersReply.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** FetchRostersReply rosters. */
            rosters: Uint8Array[];

            /** FetchRostersReply more. */
            more: boolean;

            /**
             * Encodes the specified FetchRostersReply message. Does not implicitly {@link consilium.v1.FetchRostersReply.verify|verify} messages.
             * @param message FetchRostersReply message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.FetchRostersReply.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a FetchRostersReply message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.FetchRostersReply & consilium.v1.FetchRostersReply.$Shape} FetchRostersReply
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.FetchRostersReply & consilium.v1.FetchRostersReply.$Shape;
        }

        namespace FetchRostersReply {

            /** Properties of a FetchRostersReply. */
            interface $Properties {

                /** FetchRostersReply rosters */
                rosters?: (Uint8Array[]|null);

                /** FetchRostersReply more */
                more?: (boolean|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a FetchRostersReply. */
            type $Shape = consilium.v1.FetchRostersReply.$Properties;
        }

        /**
         * Properties of an EnrollmentRequest.
         * @deprecated Use consilium.v1.EnrollmentRequest.$Properties instead.
         */
        interface IEnrollmentRequest extends consilium.v1.EnrollmentRequest.$Properties {
        }

        /** Represents an EnrollmentRequest. */
        class EnrollmentRequest {

            /**
             * Constructs a new EnrollmentRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.EnrollmentRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** EnrollmentRequest site. */
            site: string;

            /** EnrollmentRequest identityKey. */
            identityKey: Uint8Array;

            /** EnrollmentRequest certificateRequest. */
            certificateRequest: Uint8Array;

            /** EnrollmentRequest token. */
            token: Uint8Array;

            /** EnrollmentRequest previousSignature. */
            previousSignature: Uint8Array;

            /**
             * Encodes the specified EnrollmentRequest message. Does not implicitly {@link consilium.v1.EnrollmentRequest.verify|verify} messages.
             * @param message EnrollmentRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.EnrollmentRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an EnrollmentRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.EnrollmentRequest & consilium.v1.EnrollmentRequest.$Shape} EnrollmentRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.EnrollmentRequest & consilium.v1.EnrollmentRequest.$Shape;
        }

        namespace EnrollmentRequest {

            /** Properties of an EnrollmentRequest. */
            interface $Properties {

                /** EnrollmentRequest site */
                site?: (string|null);

                /** EnrollmentRequest identityKey */
                identityKey?: (Uint8Array|null);

                /** EnrollmentRequest certificateRequest */
                certificateRequest?: (Uint8Array|null);

                /** EnrollmentRequest token */
                token?: (Uint8Array|null);

                /** EnrollmentRequest previousSignature */
                previousSignature?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an EnrollmentRequest. */
            type $Shape = consilium.v1.EnrollmentRequest.$Properties;
        }

        /**
         * Properties of an AwaitCertificateRequest.
         * @deprecated Use consilium.v1.AwaitCertificateRequest.$Properties instead.
         */
        interface IAwaitCertificateRequest extends consilium.v1.AwaitCertificateRequest.$Properties {
        }

        /** Represents an AwaitCertificateRequest. */
        class AwaitCertificateRequest {

            /**
             * Constructs a new AwaitCertificateRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.AwaitCertificateRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** AwaitCertificateRequest site. */
            site: string;

            /** AwaitCertificateRequest identityKey. */
            identityKey: Uint8Array;

            /**
             * Encodes the specified AwaitCertificateRequest message. Does not implicitly {@link consilium.v1.AwaitCertificateRequest.verify|verify} messages.
             * @param message AwaitCertificateRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.AwaitCertificateRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an AwaitCertificateRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.AwaitCertificateRequest & consilium.v1.AwaitCertificateRequest.$Shape} AwaitCertificateRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.AwaitCertificateRequest & consilium.v1.AwaitCertificateRequest.$Shape;
        }

        namespace AwaitCertificateRequest {

            /** Properties of an AwaitCertificateRequest. */
            interface $Properties {

                /** AwaitCertificateRequest site */
                site?: (string|null);

                /** AwaitCertificateRequest identityKey */
                identityKey?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an AwaitCertificateRequest. */
            type $Shape = consilium.v1.AwaitCertificateRequest.$Properties;
        }

        /**
         * Properties of an AwaitCertificateReply.
         * @deprecated Use consilium.v1.AwaitCertificateReply.$Properties instead.
         */
        interface IAwaitCertificateReply extends consilium.v1.AwaitCertificateReply.$Properties {
        }

        /** Represents an AwaitCertificateReply. */
        class AwaitCertificateReply {

            /**
             * Constructs a new AwaitCertificateReply.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.AwaitCertificateReply.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** AwaitCertificateReply notYetSigned. */
            notYetSigned?: (consilium.v1.NotYetSigned.$Properties|null);

            /** AwaitCertificateReply certificate. */
            certificate?: (consilium.v1.Certificate.$Properties|null);

            /** AwaitCertificateReply answer. */
            answer?: ("notYetSigned"|"certificate");

            /**
             * Encodes the specified AwaitCertificateReply message. Does not implicitly {@link consilium.v1.AwaitCertificateReply.verify|verify} messages.
             * @param message AwaitCertificateReply message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.AwaitCertificateReply.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an AwaitCertificateReply message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.AwaitCertificateReply & consilium.v1.AwaitCertificateReply.$Shape} AwaitCertificateReply
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.AwaitCertificateReply & consilium.v1.AwaitCertificateReply.$Shape;
        }

        namespace AwaitCertificateReply {

            /** Properties of an AwaitCertificateReply. */
            interface $Properties {

                /** AwaitCertificateReply notYetSigned */
                notYetSigned?: (consilium.v1.NotYetSigned.$Properties|null);

                /** AwaitCertificateReply certificate */
                certificate?: (consilium.v1.Certificate.$Properties|null);

                /** AwaitCertificateReply answer */
                answer?: ("notYetSigned"|"certificate");

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Narrowed shape of an AwaitCertificateReply. */
            type $Shape = {
              notYetSigned?: consilium.v1.NotYetSigned.$Shape|null;
              certificate?: consilium.v1.Certificate.$Shape|null;
              $unknowns?: Uint8Array[];
            } & (
              ({ answer?: undefined; notYetSigned?: null; certificate?: null }|{ answer?: "notYetSigned"; notYetSigned: consilium.v1.NotYetSigned.$Shape; certificate?: null }|{ answer?: "certificate"; notYetSigned?: null; certificate: consilium.v1.Certificate.$Shape })
            );
        }

        /**
         * Properties of a NotYetSigned.
         * @deprecated Use consilium.v1.NotYetSigned.$Properties instead.
         */
        interface INotYetSigned extends consilium.v1.NotYetSigned.$Properties {
        }

        /** Represents a NotYetSigned. */
        class NotYetSigned {

            /**
             * Constructs a new NotYetSigned.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.NotYetSigned.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /**
             * Encodes the specified NotYetSigned message. Does not implicitly {@link consilium.v1.NotYetSigned.verify|verify} messages.
             * @param message NotYetSigned message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.NotYetSigned.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a NotYetSigned message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.NotYetSigned & consilium.v1.NotYetSigned.$Shape} NotYetSigned
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.NotYetSigned & consilium.v1.NotYetSigned.$Shape;
        }

        namespace NotYetSigned {

            /** Properties of a NotYetSigned. */
            interface $Properties {

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a NotYetSigned. */
            type $Shape = consilium.v1.NotYetSigned.$Properties;
        }

        /**
         * Properties of a Certificate.
         * @deprecated Use consilium.v1.Certificate.$Properties instead.
         */
        interface ICertificate extends consilium.v1.Certificate.$Properties {
        }

        /** Represents a Certificate. */
        class Certificate {

            /**
             * Constructs a new Certificate.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.Certificate.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Certificate chain. */
            chain: Uint8Array[];

            /**
             * Encodes the specified Certificate message. Does not implicitly {@link consilium.v1.Certificate.verify|verify} messages.
             * @param message Certificate message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.Certificate.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Certificate message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.Certificate & consilium.v1.Certificate.$Shape} Certificate
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.Certificate & consilium.v1.Certificate.$Shape;
        }

        namespace Certificate {

            /** Properties of a Certificate. */
            interface $Properties {

                /** Certificate chain */
                chain?: (Uint8Array[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Certificate. */
            type $Shape = consilium.v1.Certificate.$Properties;
        }

        /**
         * Properties of a RenewCertificateRequest.
         * @deprecated Use consilium.v1.RenewCertificateRequest.$Properties instead.
         */
        interface IRenewCertificateRequest extends consilium.v1.RenewCertificateRequest.$Properties {
        }

        /** Represents a RenewCertificateRequest. */
        class RenewCertificateRequest {

            /**
             * Constructs a new RenewCertificateRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.RenewCertificateRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** RenewCertificateRequest certificateRequest. */
            certificateRequest: Uint8Array;

            /**
             * Encodes the specified RenewCertificateRequest message. Does not implicitly {@link consilium.v1.RenewCertificateRequest.verify|verify} messages.
             * @param message RenewCertificateRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.RenewCertificateRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a RenewCertificateRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.RenewCertificateRequest & consilium.v1.RenewCertificateRequest.$Shape} RenewCertificateRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.RenewCertificateRequest & consilium.v1.RenewCertificateRequest.$Shape;
        }

        namespace RenewCertificateRequest {

            /** Properties of a RenewCertificateRequest. */
            interface $Properties {

                /** RenewCertificateRequest certificateRequest */
                certificateRequest?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a RenewCertificateRequest. */
            type $Shape = consilium.v1.RenewCertificateRequest.$Properties;
        }

        /**
         * Properties of an Invitation.
         * @deprecated Use consilium.v1.Invitation.$Properties instead.
         */
        interface IInvitation extends consilium.v1.Invitation.$Properties {
        }

        /** Represents an Invitation. */
        class Invitation {

            /**
             * Constructs a new Invitation.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.Invitation.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Invitation site. */
            site: string;

            /** Invitation tokenHash. */
            tokenHash: Uint8Array;

            /** Invitation expiresMs. */
            expiresMs: number;

            /**
             * Encodes the specified Invitation message. Does not implicitly {@link consilium.v1.Invitation.verify|verify} messages.
             * @param message Invitation message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.Invitation.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an Invitation message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.Invitation & consilium.v1.Invitation.$Shape} Invitation
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.Invitation & consilium.v1.Invitation.$Shape;
        }

        namespace Invitation {

            /** Properties of an Invitation. */
            interface $Properties {

                /** Invitation site */
                site?: (string|null);

                /** Invitation tokenHash */
                tokenHash?: (Uint8Array|null);

                /** Invitation expiresMs */
                expiresMs?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an Invitation. */
            type $Shape = consilium.v1.Invitation.$Properties;
        }

        /**
         * Properties of a ListEnrollmentsRequest.
         * @deprecated Use consilium.v1.ListEnrollmentsRequest.$Properties instead.
         */
        interface IListEnrollmentsRequest extends consilium.v1.ListEnrollmentsRequest.$Properties {
        }

        /** Represents a ListEnrollmentsRequest. */
        class ListEnrollmentsRequest {

            /**
             * Constructs a new ListEnrollmentsRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.ListEnrollmentsRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /**
             * Encodes the specified ListEnrollmentsRequest message. Does not implicitly {@link consilium.v1.ListEnrollmentsRequest.verify|verify} messages.
             * @param message ListEnrollmentsRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.ListEnrollmentsRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ListEnrollmentsRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.ListEnrollmentsRequest & consilium.v1.ListEnrollmentsRequest.$Shape} ListEnrollmentsRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.ListEnrollmentsRequest & consilium.v1.ListEnrollmentsRequest.$Shape;
        }

        namespace ListEnrollmentsRequest {

            /** Properties of a ListEnrollmentsRequest. */
            interface $Properties {

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ListEnrollmentsRequest. */
            type $Shape = consilium.v1.ListEnrollmentsRequest.$Properties;
        }

        /**
         * Properties of a ListEnrollmentsReply.
         * @deprecated Use consilium.v1.ListEnrollmentsReply.$Properties instead.
         */
        interface IListEnrollmentsReply extends consilium.v1.ListEnrollmentsReply.$Properties {
        }

        /** Represents a ListEnrollmentsReply. */
        class ListEnrollmentsReply {

            /**
             * Constructs a new ListEnrollmentsReply.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.ListEnrollmentsReply.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ListEnrollmentsReply pending. */
            pending: consilium.v1.PendingEnrollment.$Properties[];

            /**
             * Encodes the specified ListEnrollmentsReply message. Does not implicitly {@link consilium.v1.ListEnrollmentsReply.verify|verify} messages.
             * @param message ListEnrollmentsReply message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.ListEnrollmentsReply.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ListEnrollmentsReply message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.ListEnrollmentsReply & consilium.v1.ListEnrollmentsReply.$Shape} ListEnrollmentsReply
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.ListEnrollmentsReply & consilium.v1.ListEnrollmentsReply.$Shape;
        }

        namespace ListEnrollmentsReply {

            /** Properties of a ListEnrollmentsReply. */
            interface $Properties {

                /** ListEnrollmentsReply pending */
                pending?: (consilium.v1.PendingEnrollment.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ListEnrollmentsReply. */
            type $Shape = consilium.v1.ListEnrollmentsReply.$Properties;
        }

        /**
         * Properties of a PendingEnrollment.
         * @deprecated Use consilium.v1.PendingEnrollment.$Properties instead.
         */
        interface IPendingEnrollment extends consilium.v1.PendingEnrollment.$Properties {
        }

        /** Represents a PendingEnrollment. */
        class PendingEnrollment {

            /**
             * Constructs a new PendingEnrollment.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.PendingEnrollment.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** PendingEnrollment site. */
            site: string;

            /** PendingEnrollment identityKey. */
            identityKey: Uint8Array;

            /** PendingEnrollment tlsKey. */
            tlsKey: Uint8Array;

            /** PendingEnrollment timeMs. */
            timeMs: number;

            /**
             * Encodes the specified PendingEnrollment message. Does not implicitly {@link consilium.v1.PendingEnrollment.verify|verify} messages.
             * @param message PendingEnrollment message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.PendingEnrollment.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a PendingEnrollment message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.PendingEnrollment & consilium.v1.PendingEnrollment.$Shape} PendingEnrollment
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.PendingEnrollment & consilium.v1.PendingEnrollment.$Shape;
        }

        namespace PendingEnrollment {

            /** Properties of a PendingEnrollment. */
            interface $Properties {

                /** PendingEnrollment site */
                site?: (string|null);

                /** PendingEnrollment identityKey */
                identityKey?: (Uint8Array|null);

                /** PendingEnrollment tlsKey */
                tlsKey?: (Uint8Array|null);

                /** PendingEnrollment timeMs */
                timeMs?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a PendingEnrollment. */
            type $Shape = consilium.v1.PendingEnrollment.$Properties;
        }

        /**
         * Properties of a PublishRosterRequest.
         * @deprecated Use consilium.v1.PublishRosterRequest.$Properties instead.
         */
        interface IPublishRosterRequest extends consilium.v1.PublishRosterRequest.$Properties {
        }

        /** Represents a PublishRosterRequest. */
        class PublishRosterRequest {

            /**
             * Constructs a new PublishRosterRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.PublishRosterRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** PublishRosterRequest roster. */
            roster: Uint8Array;

            /**
             * Encodes the specified PublishRosterRequest message. Does not implicitly {@link consilium.v1.PublishRosterRequest.verify|verify} messages.
             * @param message PublishRosterRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.PublishRosterRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a PublishRosterRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.PublishRosterRequest & consilium.v1.PublishRosterRequest.$Shape} PublishRosterRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.PublishRosterRequest & consilium.v1.PublishRosterRequest.$Shape;
        }

        namespace PublishRosterRequest {

            /** Properties of a PublishRosterRequest. */
            interface $Properties {

                /** PublishRosterRequest roster */
                roster?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a PublishRosterRequest. */
            type $Shape = consilium.v1.PublishRosterRequest.$Properties;
        }

        /**
         * Properties of a PublishRosterReply.
         * @deprecated Use consilium.v1.PublishRosterReply.$Properties instead.
         */
        interface IPublishRosterReply extends consilium.v1.PublishRosterReply.$Properties {
        }

        /** Represents a PublishRosterReply. */
        class PublishRosterReply {

            /**
             * Constructs a new PublishRosterReply.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.PublishRosterReply.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** PublishRosterReply version. */
            version: number;

            /** PublishRosterReply inForce. */
            inForce: boolean;

            /**
             * Encodes the specified PublishRosterReply message. Does not implicitly {@link consilium.v1.PublishRosterReply.verify|verify} messages.
             * @param message PublishRosterReply message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.PublishRosterReply.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a PublishRosterReply message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.PublishRosterReply & consilium.v1.PublishRosterReply.$Shape} PublishRosterReply
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.PublishRosterReply & consilium.v1.PublishRosterReply.$Shape;
        }

        namespace PublishRosterReply {

            /** Properties of a PublishRosterReply. */
            interface $Properties {

                /** PublishRosterReply version */
                version?: (number|null);

                /** PublishRosterReply inForce */
                inForce?: (boolean|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a PublishRosterReply. */
            type $Shape = consilium.v1.PublishRosterReply.$Properties;
        }

        /** Role enum. */
        enum Role {

            /** ROLE_UNSPECIFIED value */
            ROLE_UNSPECIFIED = 0,

            /** ROLE_SITE value */
            ROLE_SITE = 1,

            /** ROLE_COORDINATOR value */
            ROLE_COORDINATOR = 2,

            /** ROLE_OFFICER value */
            ROLE_OFFICER = 3,

            /** ROLE_LEAD value */
            ROLE_LEAD = 4,

            /** ROLE_OPERATOR value */
            ROLE_OPERATOR = 5
        }

        /**
         * Properties of a SignedRequest.
         * @deprecated Use consilium.v1.SignedRequest.$Properties instead.
         */
        interface ISignedRequest extends consilium.v1.SignedRequest.$Properties {
        }

        /** Represents a SignedRequest. */
        class SignedRequest {

            /**
             * Constructs a new SignedRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.SignedRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SignedRequest envelope. */
            envelope?: (consilium.v1.Envelope.$Properties|null);

            /** SignedRequest body. */
            body: Uint8Array;

            /**
             * Encodes the specified SignedRequest message. Does not implicitly {@link consilium.v1.SignedRequest.verify|verify} messages.
             * @param message SignedRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.SignedRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SignedRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.SignedRequest & consilium.v1.SignedRequest.$Shape} SignedRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.SignedRequest & consilium.v1.SignedRequest.$Shape;
        }

        namespace SignedRequest {

            /** Properties of a SignedRequest. */
            interface $Properties {

                /** SignedRequest envelope */
                envelope?: (consilium.v1.Envelope.$Properties|null);

                /** SignedRequest body */
                body?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SignedRequest. */
            type $Shape = consilium.v1.SignedRequest.$Properties;
        }

        /**
         * Properties of a SignedReply.
         * @deprecated Use consilium.v1.SignedReply.$Properties instead.
         */
        interface ISignedReply extends consilium.v1.SignedReply.$Properties {
        }

        /** Represents a SignedReply. */
        class SignedReply {

            /**
             * Constructs a new SignedReply.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.SignedReply.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SignedReply envelope. */
            envelope?: (consilium.v1.ReplyEnvelope.$Properties|null);

            /** SignedReply body. */
            body: Uint8Array;

            /**
             * Encodes the specified SignedReply message. Does not implicitly {@link consilium.v1.SignedReply.verify|verify} messages.
             * @param message SignedReply message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.SignedReply.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SignedReply message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.SignedReply & consilium.v1.SignedReply.$Shape} SignedReply
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.SignedReply & consilium.v1.SignedReply.$Shape;
        }

        namespace SignedReply {

            /** Properties of a SignedReply. */
            interface $Properties {

                /** SignedReply envelope */
                envelope?: (consilium.v1.ReplyEnvelope.$Properties|null);

                /** SignedReply body */
                body?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SignedReply. */
            type $Shape = consilium.v1.SignedReply.$Properties;
        }

        /**
         * Properties of an Envelope.
         * @deprecated Use consilium.v1.Envelope.$Properties instead.
         */
        interface IEnvelope extends consilium.v1.Envelope.$Properties {
        }

        /** Represents an Envelope. */
        class Envelope {

            /**
             * Constructs a new Envelope.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.Envelope.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Envelope version. */
            version: number;

            /** Envelope consortium. */
            consortium: string;

            /** Envelope role. */
            role: consilium.v1.Role;

            /** Envelope sender. */
            sender: string;

            /** Envelope rosterVersion. */
            rosterVersion: number;

            /** Envelope method. */
            method: string;

            /** Envelope session. */
            session: Uint8Array;

            /** Envelope seq. */
            seq: number;

            /** Envelope timeMs. */
            timeMs: number;

            /** Envelope bodyHash. */
            bodyHash: Uint8Array;

            /** Envelope signature. */
            signature: Uint8Array;

            /**
             * Encodes the specified Envelope message. Does not implicitly {@link consilium.v1.Envelope.verify|verify} messages.
             * @param message Envelope message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.Envelope.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an Envelope message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.Envelope & consilium.v1.Envelope.$Shape} Envelope
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.Envelope & consilium.v1.Envelope.$Shape;
        }

        namespace Envelope {

            /** Properties of an Envelope. */
            interface $Properties {

                /** Envelope version */
                version?: (number|null);

                /** Envelope consortium */
                consortium?: (string|null);

                /** Envelope role */
                role?: (consilium.v1.Role|null);

                /** Envelope sender */
                sender?: (string|null);

                /** Envelope rosterVersion */
                rosterVersion?: (number|null);

                /** Envelope method */
                method?: (string|null);

                /** Envelope session */
                session?: (Uint8Array|null);

                /** Envelope seq */
                seq?: (number|null);

                /** Envelope timeMs */
                timeMs?: (number|null);

                /** Envelope bodyHash */
                bodyHash?: (Uint8Array|null);

                /** Envelope signature */
                signature?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an Envelope. */
            type $Shape = consilium.v1.Envelope.$Properties;
        }

        /**
         * Properties of a ReplyEnvelope.
         * @deprecated Use consilium.v1.ReplyEnvelope.$Properties instead.
         */
        interface IReplyEnvelope extends consilium.v1.ReplyEnvelope.$Properties {
        }

        /** Represents a ReplyEnvelope. */
        class ReplyEnvelope {

            /**
             * Constructs a new ReplyEnvelope.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.ReplyEnvelope.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ReplyEnvelope version. */
            version: number;

            /** ReplyEnvelope consortium. */
            consortium: string;

            /** ReplyEnvelope requestHash. */
            requestHash: Uint8Array;

            /** ReplyEnvelope rosterVersion. */
            rosterVersion: number;

            /** ReplyEnvelope timeMs. */
            timeMs: number;

            /** ReplyEnvelope bodyHash. */
            bodyHash: Uint8Array;

            /** ReplyEnvelope signature. */
            signature: Uint8Array;

            /**
             * Encodes the specified ReplyEnvelope message. Does not implicitly {@link consilium.v1.ReplyEnvelope.verify|verify} messages.
             * @param message ReplyEnvelope message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.ReplyEnvelope.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ReplyEnvelope message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.ReplyEnvelope & consilium.v1.ReplyEnvelope.$Shape} ReplyEnvelope
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.ReplyEnvelope & consilium.v1.ReplyEnvelope.$Shape;
        }

        namespace ReplyEnvelope {

            /** Properties of a ReplyEnvelope. */
            interface $Properties {

                /** ReplyEnvelope version */
                version?: (number|null);

                /** ReplyEnvelope consortium */
                consortium?: (string|null);

                /** ReplyEnvelope requestHash */
                requestHash?: (Uint8Array|null);

                /** ReplyEnvelope rosterVersion */
                rosterVersion?: (number|null);

                /** ReplyEnvelope timeMs */
                timeMs?: (number|null);

                /** ReplyEnvelope bodyHash */
                bodyHash?: (Uint8Array|null);

                /** ReplyEnvelope signature */
                signature?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ReplyEnvelope. */
            type $Shape = consilium.v1.ReplyEnvelope.$Properties;
        }

        /**
         * Properties of a LastingSignature.
         * @deprecated Use consilium.v1.LastingSignature.$Properties instead.
         */
        interface ILastingSignature extends consilium.v1.LastingSignature.$Properties {
        }

        /** Represents a LastingSignature. */
        class LastingSignature {

            /**
             * Constructs a new LastingSignature.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.LastingSignature.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** LastingSignature content. */
            content: Uint8Array;

            /** LastingSignature signature. */
            signature: Uint8Array;

            /**
             * Encodes the specified LastingSignature message. Does not implicitly {@link consilium.v1.LastingSignature.verify|verify} messages.
             * @param message LastingSignature message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.LastingSignature.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a LastingSignature message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.LastingSignature & consilium.v1.LastingSignature.$Shape} LastingSignature
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.LastingSignature & consilium.v1.LastingSignature.$Shape;
        }

        namespace LastingSignature {

            /** Properties of a LastingSignature. */
            interface $Properties {

                /** LastingSignature content */
                content?: (Uint8Array|null);

                /** LastingSignature signature */
                signature?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a LastingSignature. */
            type $Shape = consilium.v1.LastingSignature.$Properties;
        }

        /**
         * Properties of a Done.
         * @deprecated Use consilium.v1.Done.$Properties instead.
         */
        interface IDone extends consilium.v1.Done.$Properties {
        }

        /** Represents a Done. */
        class Done {

            /**
             * Constructs a new Done.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.Done.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /**
             * Encodes the specified Done message. Does not implicitly {@link consilium.v1.Done.verify|verify} messages.
             * @param message Done message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.Done.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Done message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.Done & consilium.v1.Done.$Shape} Done
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.Done & consilium.v1.Done.$Shape;
        }

        namespace Done {

            /** Properties of a Done. */
            interface $Properties {

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Done. */
            type $Shape = consilium.v1.Done.$Properties;
        }

        /**
         * Properties of an Evaluation.
         * @deprecated Use consilium.v1.Evaluation.$Properties instead.
         */
        interface IEvaluation extends consilium.v1.Evaluation.$Properties {
        }

        /** Represents an Evaluation. */
        class Evaluation {

            /**
             * Constructs a new Evaluation.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.Evaluation.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Evaluation site. */
            site: string;

            /** Evaluation studyHash. */
            studyHash: Uint8Array;

            /** Evaluation round. */
            round: number;

            /** Evaluation part. */
            part: consilium.v1.EvaluationPart;

            /** Evaluation subsets. */
            subsets: consilium.v1.SubsetSums.$Properties[];

            /**
             * Encodes the specified Evaluation message. Does not implicitly {@link consilium.v1.Evaluation.verify|verify} messages.
             * @param message Evaluation message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.Evaluation.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an Evaluation message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.Evaluation & consilium.v1.Evaluation.$Shape} Evaluation
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.Evaluation & consilium.v1.Evaluation.$Shape;
        }

        namespace Evaluation {

            /** Properties of an Evaluation. */
            interface $Properties {

                /** Evaluation site */
                site?: (string|null);

                /** Evaluation studyHash */
                studyHash?: (Uint8Array|null);

                /** Evaluation round */
                round?: (number|null);

                /** Evaluation part */
                part?: (consilium.v1.EvaluationPart|null);

                /** Evaluation subsets */
                subsets?: (consilium.v1.SubsetSums.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an Evaluation. */
            type $Shape = {
              site?: string|null;
              studyHash?: Uint8Array|null;
              round?: number|null;
              part?: consilium.v1.EvaluationPart|null;
              subsets?: consilium.v1.SubsetSums.$Shape[]|null;
              $unknowns?: Uint8Array[];
            };
        }

        /**
         * Properties of a SubsetSums.
         * @deprecated Use consilium.v1.SubsetSums.$Properties instead.
         */
        interface ISubsetSums extends consilium.v1.SubsetSums.$Properties {
        }

        /** Represents a SubsetSums. */
        class SubsetSums {

            /**
             * Constructs a new SubsetSums.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.SubsetSums.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SubsetSums class. */
            class?: (consilium.v1.ClassSums.$Properties|null);

            /** SubsetSums regression. */
            regression?: (consilium.v1.RegressionSums.$Properties|null);

            /** SubsetSums survival. */
            survival?: (consilium.v1.SurvivalSums.$Properties|null);

            /** SubsetSums sums. */
            sums?: ("class"|"regression"|"survival");

            /**
             * Encodes the specified SubsetSums message. Does not implicitly {@link consilium.v1.SubsetSums.verify|verify} messages.
             * @param message SubsetSums message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.SubsetSums.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SubsetSums message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.SubsetSums & consilium.v1.SubsetSums.$Shape} SubsetSums
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.SubsetSums & consilium.v1.SubsetSums.$Shape;
        }

        namespace SubsetSums {

            /** Properties of a SubsetSums. */
            interface $Properties {

                /** SubsetSums class */
                "class"?: (consilium.v1.ClassSums.$Properties|null);

                /** SubsetSums regression */
                regression?: (consilium.v1.RegressionSums.$Properties|null);

                /** SubsetSums survival */
                survival?: (consilium.v1.SurvivalSums.$Properties|null);

                /** SubsetSums sums */
                sums?: ("class"|"regression"|"survival");

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Narrowed shape of a SubsetSums. */
            type $Shape = {
              "class"?: consilium.v1.ClassSums.$Shape|null;
              regression?: consilium.v1.RegressionSums.$Shape|null;
              survival?: consilium.v1.SurvivalSums.$Shape|null;
              $unknowns?: Uint8Array[];
            } & (
              ({ sums?: undefined; "class"?: null; regression?: null; survival?: null }|{ sums?: "class"; "class": consilium.v1.ClassSums.$Shape; regression?: null; survival?: null }|{ sums?: "regression"; "class"?: null; regression: consilium.v1.RegressionSums.$Shape; survival?: null }|{ sums?: "survival"; "class"?: null; regression?: null; survival: consilium.v1.SurvivalSums.$Shape })
            );
        }

        /**
         * Properties of a ClassSums.
         * @deprecated Use consilium.v1.ClassSums.$Properties instead.
         */
        interface IClassSums extends consilium.v1.ClassSums.$Properties {
        }

        /** Represents a ClassSums. */
        class ClassSums {

            /**
             * Constructs a new ClassSums.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.ClassSums.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ClassSums patients. */
            patients: number;

            /** ClassSums correct. */
            correct: number;

            /** ClassSums outputs. */
            outputs: number;

            /** ClassSums positive. */
            positive?: (consilium.v1.Cells.$Properties|null);

            /** ClassSums negative. */
            negative?: (consilium.v1.Cells.$Properties|null);

            /** ClassSums scoreSum. */
            scoreSum?: (consilium.v1.Cells.$Properties|null);

            /** ClassSums squaredError. */
            squaredError: Uint8Array;

            /** ClassSums logLoss. */
            logLoss: Uint8Array;

            /** ClassSums calls. */
            calls?: (consilium.v1.Cells.$Properties|null);

            /**
             * Encodes the specified ClassSums message. Does not implicitly {@link consilium.v1.ClassSums.verify|verify} messages.
             * @param message ClassSums message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.ClassSums.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ClassSums message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.ClassSums & consilium.v1.ClassSums.$Shape} ClassSums
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.ClassSums & consilium.v1.ClassSums.$Shape;
        }

        namespace ClassSums {

            /** Properties of a ClassSums. */
            interface $Properties {

                /** ClassSums patients */
                patients?: (number|null);

                /** ClassSums correct */
                correct?: (number|null);

                /** ClassSums outputs */
                outputs?: (number|null);

                /** ClassSums positive */
                positive?: (consilium.v1.Cells.$Properties|null);

                /** ClassSums negative */
                negative?: (consilium.v1.Cells.$Properties|null);

                /** ClassSums scoreSum */
                scoreSum?: (consilium.v1.Cells.$Properties|null);

                /** ClassSums squaredError */
                squaredError?: (Uint8Array|null);

                /** ClassSums logLoss */
                logLoss?: (Uint8Array|null);

                /** ClassSums calls */
                calls?: (consilium.v1.Cells.$Properties|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ClassSums. */
            type $Shape = {
              patients?: number|null;
              correct?: number|null;
              outputs?: number|null;
              positive?: consilium.v1.Cells.$Shape|null;
              negative?: consilium.v1.Cells.$Shape|null;
              scoreSum?: consilium.v1.Cells.$Shape|null;
              squaredError?: Uint8Array|null;
              logLoss?: Uint8Array|null;
              calls?: consilium.v1.Cells.$Shape|null;
              $unknowns?: Uint8Array[];
            };
        }

        /**
         * Properties of a RegressionSums.
         * @deprecated Use consilium.v1.RegressionSums.$Properties instead.
         */
        interface IRegressionSums extends consilium.v1.RegressionSums.$Properties {
        }

        /** Represents a RegressionSums. */
        class RegressionSums {

            /**
             * Constructs a new RegressionSums.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.RegressionSums.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** RegressionSums patients. */
            patients: number;

            /** RegressionSums sumTruth. */
            sumTruth: number;

            /** RegressionSums sumTruthSquares. */
            sumTruthSquares: number;

            /** RegressionSums squaredError. */
            squaredError: number;

            /** RegressionSums absoluteError. */
            absoluteError: number;

            /**
             * Encodes the specified RegressionSums message. Does not implicitly {@link consilium.v1.RegressionSums.verify|verify} messages.
             * @param message RegressionSums message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.RegressionSums.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a RegressionSums message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.RegressionSums & consilium.v1.RegressionSums.$Shape} RegressionSums
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.RegressionSums & consilium.v1.RegressionSums.$Shape;
        }

        namespace RegressionSums {

            /** Properties of a RegressionSums. */
            interface $Properties {

                /** RegressionSums patients */
                patients?: (number|null);

                /** RegressionSums sumTruth */
                sumTruth?: (number|null);

                /** RegressionSums sumTruthSquares */
                sumTruthSquares?: (number|null);

                /** RegressionSums squaredError */
                squaredError?: (number|null);

                /** RegressionSums absoluteError */
                absoluteError?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a RegressionSums. */
            type $Shape = consilium.v1.RegressionSums.$Properties;
        }

        /**
         * Properties of a SurvivalSums.
         * @deprecated Use consilium.v1.SurvivalSums.$Properties instead.
         */
        interface ISurvivalSums extends consilium.v1.SurvivalSums.$Properties {
        }

        /** Represents a SurvivalSums. */
        class SurvivalSums {

            /**
             * Constructs a new SurvivalSums.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.SurvivalSums.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SurvivalSums patients. */
            patients: number;

            /** SurvivalSums events. */
            events: number;

            /** SurvivalSums comparable. */
            comparable: number;

            /** SurvivalSums concordant. */
            concordant: number;

            /** SurvivalSums grid. */
            grid?: (consilium.v1.Cells.$Properties|null);

            /**
             * Encodes the specified SurvivalSums message. Does not implicitly {@link consilium.v1.SurvivalSums.verify|verify} messages.
             * @param message SurvivalSums message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.SurvivalSums.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SurvivalSums message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.SurvivalSums & consilium.v1.SurvivalSums.$Shape} SurvivalSums
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.SurvivalSums & consilium.v1.SurvivalSums.$Shape;
        }

        namespace SurvivalSums {

            /** Properties of a SurvivalSums. */
            interface $Properties {

                /** SurvivalSums patients */
                patients?: (number|null);

                /** SurvivalSums events */
                events?: (number|null);

                /** SurvivalSums comparable */
                comparable?: (number|null);

                /** SurvivalSums concordant */
                concordant?: (number|null);

                /** SurvivalSums grid */
                grid?: (consilium.v1.Cells.$Properties|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SurvivalSums. */
            type $Shape = {
              patients?: number|null;
              events?: number|null;
              comparable?: number|null;
              concordant?: number|null;
              grid?: consilium.v1.Cells.$Shape|null;
              $unknowns?: Uint8Array[];
            };
        }

        /**
         * Properties of a Cells.
         * @deprecated Use consilium.v1.Cells.$Properties instead.
         */
        interface ICells extends consilium.v1.Cells.$Properties {
        }

        /** Represents a Cells. */
        class Cells {

            /**
             * Constructs a new Cells.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.Cells.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Cells dense. */
            dense?: (Uint8Array|null);

            /** Cells sparse. */
            sparse?: (consilium.v1.SparseCells.$Properties|null);

            /** Cells form. */
            form?: ("dense"|"sparse");

            /**
             * Encodes the specified Cells message. Does not implicitly {@link consilium.v1.Cells.verify|verify} messages.
             * @param message Cells message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.Cells.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Cells message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.Cells & consilium.v1.Cells.$Shape} Cells
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.Cells & consilium.v1.Cells.$Shape;
        }

        namespace Cells {

            /** Properties of a Cells. */
            interface $Properties {

                /** Cells dense */
                dense?: (Uint8Array|null);

                /** Cells sparse */
                sparse?: (consilium.v1.SparseCells.$Properties|null);

                /** Cells form */
                form?: ("dense"|"sparse");

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Narrowed shape of a Cells. */
            type $Shape = {
              dense?: Uint8Array|null;
              sparse?: consilium.v1.SparseCells.$Shape|null;
              $unknowns?: Uint8Array[];
            } & (
              ({ form?: undefined; dense?: null; sparse?: null }|{ form?: "dense"; dense: Uint8Array; sparse?: null }|{ form?: "sparse"; dense?: null; sparse: consilium.v1.SparseCells.$Shape })
            );
        }

        /**
         * Properties of a SparseCells.
         * @deprecated Use consilium.v1.SparseCells.$Properties instead.
         */
        interface ISparseCells extends consilium.v1.SparseCells.$Properties {
        }

        /** Represents a SparseCells. */
        class SparseCells {

            /**
             * Constructs a new SparseCells.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.SparseCells.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SparseCells positions. */
            positions: Uint8Array;

            /** SparseCells values. */
            values: Uint8Array;

            /**
             * Encodes the specified SparseCells message. Does not implicitly {@link consilium.v1.SparseCells.verify|verify} messages.
             * @param message SparseCells message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.SparseCells.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SparseCells message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.SparseCells & consilium.v1.SparseCells.$Shape} SparseCells
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.SparseCells & consilium.v1.SparseCells.$Shape;
        }

        namespace SparseCells {

            /** Properties of a SparseCells. */
            interface $Properties {

                /** SparseCells positions */
                positions?: (Uint8Array|null);

                /** SparseCells values */
                values?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SparseCells. */
            type $Shape = consilium.v1.SparseCells.$Properties;
        }

        /**
         * Properties of a Chunk.
         * @deprecated Use consilium.v1.Chunk.$Properties instead.
         */
        interface IChunk extends consilium.v1.Chunk.$Properties {
        }

        /** Represents a Chunk. */
        class Chunk {

            /**
             * Constructs a new Chunk.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.Chunk.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Chunk offset. */
            offset: number;

            /** Chunk data. */
            data: Uint8Array;

            /**
             * Encodes the specified Chunk message. Does not implicitly {@link consilium.v1.Chunk.verify|verify} messages.
             * @param message Chunk message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.Chunk.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Chunk message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.Chunk & consilium.v1.Chunk.$Shape} Chunk
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.Chunk & consilium.v1.Chunk.$Shape;
        }

        namespace Chunk {

            /** Properties of a Chunk. */
            interface $Properties {

                /** Chunk offset */
                offset?: (number|null);

                /** Chunk data */
                data?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Chunk. */
            type $Shape = consilium.v1.Chunk.$Properties;
        }

        /**
         * Properties of a FetchBlockRequest.
         * @deprecated Use consilium.v1.FetchBlockRequest.$Properties instead.
         */
        interface IFetchBlockRequest extends consilium.v1.FetchBlockRequest.$Properties {
        }

        /** Represents a FetchBlockRequest. */
        class FetchBlockRequest {

            /**
             * Constructs a new FetchBlockRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.FetchBlockRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** FetchBlockRequest studyHash. */
            studyHash: Uint8Array;

            /** FetchBlockRequest blockHash. */
            blockHash: Uint8Array;

            /** FetchBlockRequest offset. */
            offset: number;

            /**
             * Encodes the specified FetchBlockRequest message. Does not implicitly {@link consilium.v1.FetchBlockRequest.verify|verify} messages.
             * @param message FetchBlockRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.FetchBlockRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a FetchBlockRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.FetchBlockRequest & consilium.v1.FetchBlockRequest.$Shape} FetchBlockRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.FetchBlockRequest & consilium.v1.FetchBlockRequest.$Shape;
        }

        namespace FetchBlockRequest {

            /** Properties of a FetchBlockRequest. */
            interface $Properties {

                /** FetchBlockRequest studyHash */
                studyHash?: (Uint8Array|null);

                /** FetchBlockRequest blockHash */
                blockHash?: (Uint8Array|null);

                /** FetchBlockRequest offset */
                offset?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a FetchBlockRequest. */
            type $Shape = consilium.v1.FetchBlockRequest.$Properties;
        }

        /**
         * Properties of a FetchBlockHeader.
         * @deprecated Use consilium.v1.FetchBlockHeader.$Properties instead.
         */
        interface IFetchBlockHeader extends consilium.v1.FetchBlockHeader.$Properties {
        }

        /** Represents a FetchBlockHeader. */
        class FetchBlockHeader {

            /**
             * Constructs a new FetchBlockHeader.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.FetchBlockHeader.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** FetchBlockHeader blockHash. */
            blockHash: Uint8Array;

            /** FetchBlockHeader totalBytes. */
            totalBytes: number;

            /** FetchBlockHeader offset. */
            offset: number;

            /**
             * Encodes the specified FetchBlockHeader message. Does not implicitly {@link consilium.v1.FetchBlockHeader.verify|verify} messages.
             * @param message FetchBlockHeader message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.FetchBlockHeader.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a FetchBlockHeader message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.FetchBlockHeader & consilium.v1.FetchBlockHeader.$Shape} FetchBlockHeader
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.FetchBlockHeader & consilium.v1.FetchBlockHeader.$Shape;
        }

        namespace FetchBlockHeader {

            /** Properties of a FetchBlockHeader. */
            interface $Properties {

                /** FetchBlockHeader blockHash */
                blockHash?: (Uint8Array|null);

                /** FetchBlockHeader totalBytes */
                totalBytes?: (number|null);

                /** FetchBlockHeader offset */
                offset?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a FetchBlockHeader. */
            type $Shape = consilium.v1.FetchBlockHeader.$Properties;
        }

        /**
         * Properties of a FetchBlockResponse.
         * @deprecated Use consilium.v1.FetchBlockResponse.$Properties instead.
         */
        interface IFetchBlockResponse extends consilium.v1.FetchBlockResponse.$Properties {
        }

        /** Represents a FetchBlockResponse. */
        class FetchBlockResponse {

            /**
             * Constructs a new FetchBlockResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.FetchBlockResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** FetchBlockResponse header. */
            header?: (consilium.v1.SignedReply.$Properties|null);

            /** FetchBlockResponse chunk. */
            chunk?: (consilium.v1.Chunk.$Properties|null);

            /** FetchBlockResponse part. */
            part?: ("header"|"chunk");

            /**
             * Encodes the specified FetchBlockResponse message. Does not implicitly {@link consilium.v1.FetchBlockResponse.verify|verify} messages.
             * @param message FetchBlockResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.FetchBlockResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a FetchBlockResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.FetchBlockResponse & consilium.v1.FetchBlockResponse.$Shape} FetchBlockResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.FetchBlockResponse & consilium.v1.FetchBlockResponse.$Shape;
        }

        namespace FetchBlockResponse {

            /** Properties of a FetchBlockResponse. */
            interface $Properties {

                /** FetchBlockResponse header */
                header?: (consilium.v1.SignedReply.$Properties|null);

                /** FetchBlockResponse chunk */
                chunk?: (consilium.v1.Chunk.$Properties|null);

                /** FetchBlockResponse part */
                part?: ("header"|"chunk");

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Narrowed shape of a FetchBlockResponse. */
            type $Shape = {
              header?: consilium.v1.SignedReply.$Shape|null;
              chunk?: consilium.v1.Chunk.$Shape|null;
              $unknowns?: Uint8Array[];
            } & (
              ({ part?: undefined; header?: null; chunk?: null }|{ part?: "header"; header: consilium.v1.SignedReply.$Shape; chunk?: null }|{ part?: "chunk"; header?: null; chunk: consilium.v1.Chunk.$Shape })
            );
        }

        /**
         * Properties of an UploadManifest.
         * @deprecated Use consilium.v1.UploadManifest.$Properties instead.
         */
        interface IUploadManifest extends consilium.v1.UploadManifest.$Properties {
        }

        /** Represents an UploadManifest. */
        class UploadManifest {

            /**
             * Constructs a new UploadManifest.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.UploadManifest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** UploadManifest studyHash. */
            studyHash: Uint8Array;

            /** UploadManifest site. */
            site: string;

            /** UploadManifest round. */
            round: number;

            /** UploadManifest totalBytes. */
            totalBytes: number;

            /** UploadManifest contentHash. */
            contentHash: Uint8Array;

            /** UploadManifest chunkHashes. */
            chunkHashes: Uint8Array;

            /** UploadManifest update. */
            update?: (consilium.v1.UpdateHeader.$Properties|null);

            /** UploadManifest evaluation. */
            evaluation?: (consilium.v1.EvaluationHeader.$Properties|null);

            /** UploadManifest masked. */
            masked?: (consilium.v1.MaskedHeader.$Properties|null);

            /** UploadManifest content. */
            content?: ("update"|"evaluation"|"masked");

            /**
             * Encodes the specified UploadManifest message. Does not implicitly {@link consilium.v1.UploadManifest.verify|verify} messages.
             * @param message UploadManifest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.UploadManifest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an UploadManifest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.UploadManifest & consilium.v1.UploadManifest.$Shape} UploadManifest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.UploadManifest & consilium.v1.UploadManifest.$Shape;
        }

        namespace UploadManifest {

            /** Properties of an UploadManifest. */
            interface $Properties {

                /** UploadManifest studyHash */
                studyHash?: (Uint8Array|null);

                /** UploadManifest site */
                site?: (string|null);

                /** UploadManifest round */
                round?: (number|null);

                /** UploadManifest totalBytes */
                totalBytes?: (number|null);

                /** UploadManifest contentHash */
                contentHash?: (Uint8Array|null);

                /** UploadManifest chunkHashes */
                chunkHashes?: (Uint8Array|null);

                /** UploadManifest update */
                update?: (consilium.v1.UpdateHeader.$Properties|null);

                /** UploadManifest evaluation */
                evaluation?: (consilium.v1.EvaluationHeader.$Properties|null);

                /** UploadManifest masked */
                masked?: (consilium.v1.MaskedHeader.$Properties|null);

                /** UploadManifest content */
                content?: ("update"|"evaluation"|"masked");

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Narrowed shape of an UploadManifest. */
            type $Shape = {
              studyHash?: Uint8Array|null;
              site?: string|null;
              round?: number|null;
              totalBytes?: number|null;
              contentHash?: Uint8Array|null;
              chunkHashes?: Uint8Array|null;
              update?: consilium.v1.UpdateHeader.$Shape|null;
              evaluation?: consilium.v1.EvaluationHeader.$Shape|null;
              masked?: consilium.v1.MaskedHeader.$Shape|null;
              $unknowns?: Uint8Array[];
            } & (
              ({ content?: undefined; update?: null; evaluation?: null; masked?: null }|{ content?: "update"; update: consilium.v1.UpdateHeader.$Shape; evaluation?: null; masked?: null }|{ content?: "evaluation"; update?: null; evaluation: consilium.v1.EvaluationHeader.$Shape; masked?: null }|{ content?: "masked"; update?: null; evaluation?: null; masked: consilium.v1.MaskedHeader.$Shape })
            );
        }

        /**
         * Properties of an UpdateHeader.
         * @deprecated Use consilium.v1.UpdateHeader.$Properties instead.
         */
        interface IUpdateHeader extends consilium.v1.UpdateHeader.$Properties {
        }

        /** Represents an UpdateHeader. */
        class UpdateHeader {

            /**
             * Constructs a new UpdateHeader.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.UpdateHeader.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** UpdateHeader blocks. */
            blocks: consilium.v1.BlockHeader.$Properties[];

            /** UpdateHeader loss. */
            loss: number;

            /**
             * Encodes the specified UpdateHeader message. Does not implicitly {@link consilium.v1.UpdateHeader.verify|verify} messages.
             * @param message UpdateHeader message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.UpdateHeader.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an UpdateHeader message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.UpdateHeader & consilium.v1.UpdateHeader.$Shape} UpdateHeader
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.UpdateHeader & consilium.v1.UpdateHeader.$Shape;
        }

        namespace UpdateHeader {

            /** Properties of an UpdateHeader. */
            interface $Properties {

                /** UpdateHeader blocks */
                blocks?: (consilium.v1.BlockHeader.$Properties[]|null);

                /** UpdateHeader loss */
                loss?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an UpdateHeader. */
            type $Shape = consilium.v1.UpdateHeader.$Properties;
        }

        /**
         * Properties of a BlockHeader.
         * @deprecated Use consilium.v1.BlockHeader.$Properties instead.
         */
        interface IBlockHeader extends consilium.v1.BlockHeader.$Properties {
        }

        /** Represents a BlockHeader. */
        class BlockHeader {

            /**
             * Constructs a new BlockHeader.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.BlockHeader.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** BlockHeader block. */
            block: string;

            /** BlockHeader weight. */
            weight: number;

            /** BlockHeader steps. */
            steps: number;

            /** BlockHeader clipped. */
            clipped: boolean;

            /** BlockHeader values. */
            values: number;

            /**
             * Encodes the specified BlockHeader message. Does not implicitly {@link consilium.v1.BlockHeader.verify|verify} messages.
             * @param message BlockHeader message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.BlockHeader.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a BlockHeader message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.BlockHeader & consilium.v1.BlockHeader.$Shape} BlockHeader
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.BlockHeader & consilium.v1.BlockHeader.$Shape;
        }

        namespace BlockHeader {

            /** Properties of a BlockHeader. */
            interface $Properties {

                /** BlockHeader block */
                block?: (string|null);

                /** BlockHeader weight */
                weight?: (number|null);

                /** BlockHeader steps */
                steps?: (number|null);

                /** BlockHeader clipped */
                clipped?: (boolean|null);

                /** BlockHeader values */
                values?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a BlockHeader. */
            type $Shape = consilium.v1.BlockHeader.$Properties;
        }

        /**
         * Properties of a MaskedHeader.
         * @deprecated Use consilium.v1.MaskedHeader.$Properties instead.
         */
        interface IMaskedHeader extends consilium.v1.MaskedHeader.$Properties {
        }

        /** Represents a MaskedHeader. */
        class MaskedHeader {

            /**
             * Constructs a new MaskedHeader.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.MaskedHeader.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** MaskedHeader session. */
            session: Uint8Array;

            /** MaskedHeader blocks. */
            blocks: consilium.v1.MaskedVector.$Properties[];

            /**
             * Encodes the specified MaskedHeader message. Does not implicitly {@link consilium.v1.MaskedHeader.verify|verify} messages.
             * @param message MaskedHeader message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.MaskedHeader.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a MaskedHeader message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.MaskedHeader & consilium.v1.MaskedHeader.$Shape} MaskedHeader
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.MaskedHeader & consilium.v1.MaskedHeader.$Shape;
        }

        namespace MaskedHeader {

            /** Properties of a MaskedHeader. */
            interface $Properties {

                /** MaskedHeader session */
                session?: (Uint8Array|null);

                /** MaskedHeader blocks */
                blocks?: (consilium.v1.MaskedVector.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a MaskedHeader. */
            type $Shape = consilium.v1.MaskedHeader.$Properties;
        }

        /**
         * Properties of a MaskedVector.
         * @deprecated Use consilium.v1.MaskedVector.$Properties instead.
         */
        interface IMaskedVector extends consilium.v1.MaskedVector.$Properties {
        }

        /** Represents a MaskedVector. */
        class MaskedVector {

            /**
             * Constructs a new MaskedVector.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.MaskedVector.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** MaskedVector block. */
            block: string;

            /** MaskedVector values. */
            values: number;

            /**
             * Encodes the specified MaskedVector message. Does not implicitly {@link consilium.v1.MaskedVector.verify|verify} messages.
             * @param message MaskedVector message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.MaskedVector.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a MaskedVector message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.MaskedVector & consilium.v1.MaskedVector.$Shape} MaskedVector
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.MaskedVector & consilium.v1.MaskedVector.$Shape;
        }

        namespace MaskedVector {

            /** Properties of a MaskedVector. */
            interface $Properties {

                /** MaskedVector block */
                block?: (string|null);

                /** MaskedVector values */
                values?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a MaskedVector. */
            type $Shape = consilium.v1.MaskedVector.$Properties;
        }

        /**
         * Properties of an EvaluationHeader.
         * @deprecated Use consilium.v1.EvaluationHeader.$Properties instead.
         */
        interface IEvaluationHeader extends consilium.v1.EvaluationHeader.$Properties {
        }

        /** Represents an EvaluationHeader. */
        class EvaluationHeader {

            /**
             * Constructs a new EvaluationHeader.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.EvaluationHeader.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** EvaluationHeader part. */
            part: consilium.v1.EvaluationPart;

            /**
             * Encodes the specified EvaluationHeader message. Does not implicitly {@link consilium.v1.EvaluationHeader.verify|verify} messages.
             * @param message EvaluationHeader message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.EvaluationHeader.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an EvaluationHeader message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.EvaluationHeader & consilium.v1.EvaluationHeader.$Shape} EvaluationHeader
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.EvaluationHeader & consilium.v1.EvaluationHeader.$Shape;
        }

        namespace EvaluationHeader {

            /** Properties of an EvaluationHeader. */
            interface $Properties {

                /** EvaluationHeader part */
                part?: (consilium.v1.EvaluationPart|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an EvaluationHeader. */
            type $Shape = consilium.v1.EvaluationHeader.$Properties;
        }

        /** EvaluationPart enum. */
        enum EvaluationPart {

            /** EVALUATION_PART_UNSPECIFIED value */
            EVALUATION_PART_UNSPECIFIED = 0,

            /** EVALUATION_PART_VALIDATION value */
            EVALUATION_PART_VALIDATION = 1,

            /** EVALUATION_PART_TEST value */
            EVALUATION_PART_TEST = 2
        }

        /**
         * Properties of an UploadRequest.
         * @deprecated Use consilium.v1.UploadRequest.$Properties instead.
         */
        interface IUploadRequest extends consilium.v1.UploadRequest.$Properties {
        }

        /** Represents an UploadRequest. */
        class UploadRequest {

            /**
             * Constructs a new UploadRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.UploadRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** UploadRequest manifest. */
            manifest?: (consilium.v1.SignedRequest.$Properties|null);

            /** UploadRequest chunk. */
            chunk?: (consilium.v1.Chunk.$Properties|null);

            /** UploadRequest part. */
            part?: ("manifest"|"chunk");

            /**
             * Encodes the specified UploadRequest message. Does not implicitly {@link consilium.v1.UploadRequest.verify|verify} messages.
             * @param message UploadRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.UploadRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an UploadRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.UploadRequest & consilium.v1.UploadRequest.$Shape} UploadRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.UploadRequest & consilium.v1.UploadRequest.$Shape;
        }

        namespace UploadRequest {

            /** Properties of an UploadRequest. */
            interface $Properties {

                /** UploadRequest manifest */
                manifest?: (consilium.v1.SignedRequest.$Properties|null);

                /** UploadRequest chunk */
                chunk?: (consilium.v1.Chunk.$Properties|null);

                /** UploadRequest part */
                part?: ("manifest"|"chunk");

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Narrowed shape of an UploadRequest. */
            type $Shape = {
              manifest?: consilium.v1.SignedRequest.$Shape|null;
              chunk?: consilium.v1.Chunk.$Shape|null;
              $unknowns?: Uint8Array[];
            } & (
              ({ part?: undefined; manifest?: null; chunk?: null }|{ part?: "manifest"; manifest: consilium.v1.SignedRequest.$Shape; chunk?: null }|{ part?: "chunk"; manifest?: null; chunk: consilium.v1.Chunk.$Shape })
            );
        }

        /**
         * Properties of an UploadProgress.
         * @deprecated Use consilium.v1.UploadProgress.$Properties instead.
         */
        interface IUploadProgress extends consilium.v1.UploadProgress.$Properties {
        }

        /** Represents an UploadProgress. */
        class UploadProgress {

            /**
             * Constructs a new UploadProgress.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.UploadProgress.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** UploadProgress contentHash. */
            contentHash: Uint8Array;

            /** UploadProgress durableBytes. */
            durableBytes: number;

            /**
             * Encodes the specified UploadProgress message. Does not implicitly {@link consilium.v1.UploadProgress.verify|verify} messages.
             * @param message UploadProgress message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.UploadProgress.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an UploadProgress message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.UploadProgress & consilium.v1.UploadProgress.$Shape} UploadProgress
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.UploadProgress & consilium.v1.UploadProgress.$Shape;
        }

        namespace UploadProgress {

            /** Properties of an UploadProgress. */
            interface $Properties {

                /** UploadProgress contentHash */
                contentHash?: (Uint8Array|null);

                /** UploadProgress durableBytes */
                durableBytes?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an UploadProgress. */
            type $Shape = consilium.v1.UploadProgress.$Properties;
        }

        /**
         * Properties of an UploadProgressRequest.
         * @deprecated Use consilium.v1.UploadProgressRequest.$Properties instead.
         */
        interface IUploadProgressRequest extends consilium.v1.UploadProgressRequest.$Properties {
        }

        /** Represents an UploadProgressRequest. */
        class UploadProgressRequest {

            /**
             * Constructs a new UploadProgressRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.UploadProgressRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** UploadProgressRequest studyHash. */
            studyHash: Uint8Array;

            /** UploadProgressRequest site. */
            site: string;

            /** UploadProgressRequest round. */
            round: number;

            /** UploadProgressRequest contentHash. */
            contentHash: Uint8Array;

            /**
             * Encodes the specified UploadProgressRequest message. Does not implicitly {@link consilium.v1.UploadProgressRequest.verify|verify} messages.
             * @param message UploadProgressRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.UploadProgressRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an UploadProgressRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.UploadProgressRequest & consilium.v1.UploadProgressRequest.$Shape} UploadProgressRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.UploadProgressRequest & consilium.v1.UploadProgressRequest.$Shape;
        }

        namespace UploadProgressRequest {

            /** Properties of an UploadProgressRequest. */
            interface $Properties {

                /** UploadProgressRequest studyHash */
                studyHash?: (Uint8Array|null);

                /** UploadProgressRequest site */
                site?: (string|null);

                /** UploadProgressRequest round */
                round?: (number|null);

                /** UploadProgressRequest contentHash */
                contentHash?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an UploadProgressRequest. */
            type $Shape = consilium.v1.UploadProgressRequest.$Properties;
        }

        /**
         * Properties of a StartStudyRequest.
         * @deprecated Use consilium.v1.StartStudyRequest.$Properties instead.
         */
        interface IStartStudyRequest extends consilium.v1.StartStudyRequest.$Properties {
        }

        /** Represents a StartStudyRequest. */
        class StartStudyRequest {

            /**
             * Constructs a new StartStudyRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.StartStudyRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** StartStudyRequest study. */
            study?: (consilium.v1.SignedStudy.$Properties|null);

            /** StartStudyRequest sites. */
            sites: string;

            /**
             * Encodes the specified StartStudyRequest message. Does not implicitly {@link consilium.v1.StartStudyRequest.verify|verify} messages.
             * @param message StartStudyRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.StartStudyRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a StartStudyRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.StartStudyRequest & consilium.v1.StartStudyRequest.$Shape} StartStudyRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.StartStudyRequest & consilium.v1.StartStudyRequest.$Shape;
        }

        namespace StartStudyRequest {

            /** Properties of a StartStudyRequest. */
            interface $Properties {

                /** StartStudyRequest study */
                study?: (consilium.v1.SignedStudy.$Properties|null);

                /** StartStudyRequest sites */
                sites?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a StartStudyRequest. */
            type $Shape = consilium.v1.StartStudyRequest.$Properties;
        }

        /**
         * Properties of a StudyCommand.
         * @deprecated Use consilium.v1.StudyCommand.$Properties instead.
         */
        interface IStudyCommand extends consilium.v1.StudyCommand.$Properties {
        }

        /** Represents a StudyCommand. */
        class StudyCommand {

            /**
             * Constructs a new StudyCommand.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.StudyCommand.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** StudyCommand studyHash. */
            studyHash: Uint8Array;

            /** StudyCommand reason. */
            reason: string;

            /**
             * Encodes the specified StudyCommand message. Does not implicitly {@link consilium.v1.StudyCommand.verify|verify} messages.
             * @param message StudyCommand message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.StudyCommand.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a StudyCommand message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.StudyCommand & consilium.v1.StudyCommand.$Shape} StudyCommand
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.StudyCommand & consilium.v1.StudyCommand.$Shape;
        }

        namespace StudyCommand {

            /** Properties of a StudyCommand. */
            interface $Properties {

                /** StudyCommand studyHash */
                studyHash?: (Uint8Array|null);

                /** StudyCommand reason */
                reason?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a StudyCommand. */
            type $Shape = consilium.v1.StudyCommand.$Properties;
        }

        /**
         * Properties of a FetchStatusRequest.
         * @deprecated Use consilium.v1.FetchStatusRequest.$Properties instead.
         */
        interface IFetchStatusRequest extends consilium.v1.FetchStatusRequest.$Properties {
        }

        /** Represents a FetchStatusRequest. */
        class FetchStatusRequest {

            /**
             * Constructs a new FetchStatusRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.FetchStatusRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** FetchStatusRequest studyHash. */
            studyHash: Uint8Array;

            /**
             * Encodes the specified FetchStatusRequest message. Does not implicitly {@link consilium.v1.FetchStatusRequest.verify|verify} messages.
             * @param message FetchStatusRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.FetchStatusRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a FetchStatusRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.FetchStatusRequest & consilium.v1.FetchStatusRequest.$Shape} FetchStatusRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.FetchStatusRequest & consilium.v1.FetchStatusRequest.$Shape;
        }

        namespace FetchStatusRequest {

            /** Properties of a FetchStatusRequest. */
            interface $Properties {

                /** FetchStatusRequest studyHash */
                studyHash?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a FetchStatusRequest. */
            type $Shape = consilium.v1.FetchStatusRequest.$Properties;
        }

        /**
         * Properties of a StudyStatus.
         * @deprecated Use consilium.v1.StudyStatus.$Properties instead.
         */
        interface IStudyStatus extends consilium.v1.StudyStatus.$Properties {
        }

        /** Represents a StudyStatus. */
        class StudyStatus {

            /**
             * Constructs a new StudyStatus.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.StudyStatus.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** StudyStatus summary. */
            summary?: (consilium.v1.StudySummary.$Properties|null);

            /** StudyStatus sites. */
            sites: consilium.v1.SiteSummary.$Properties[];

            /**
             * Encodes the specified StudyStatus message. Does not implicitly {@link consilium.v1.StudyStatus.verify|verify} messages.
             * @param message StudyStatus message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.StudyStatus.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a StudyStatus message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.StudyStatus & consilium.v1.StudyStatus.$Shape} StudyStatus
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.StudyStatus & consilium.v1.StudyStatus.$Shape;
        }

        namespace StudyStatus {

            /** Properties of a StudyStatus. */
            interface $Properties {

                /** StudyStatus summary */
                summary?: (consilium.v1.StudySummary.$Properties|null);

                /** StudyStatus sites */
                sites?: (consilium.v1.SiteSummary.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a StudyStatus. */
            type $Shape = consilium.v1.StudyStatus.$Properties;
        }

        /**
         * Properties of a WatchStudyRequest.
         * @deprecated Use consilium.v1.WatchStudyRequest.$Properties instead.
         */
        interface IWatchStudyRequest extends consilium.v1.WatchStudyRequest.$Properties {
        }

        /** Represents a WatchStudyRequest. */
        class WatchStudyRequest {

            /**
             * Constructs a new WatchStudyRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.WatchStudyRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** WatchStudyRequest studyHash. */
            studyHash: Uint8Array;

            /** WatchStudyRequest afterSeq. */
            afterSeq: number;

            /**
             * Encodes the specified WatchStudyRequest message. Does not implicitly {@link consilium.v1.WatchStudyRequest.verify|verify} messages.
             * @param message WatchStudyRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.WatchStudyRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a WatchStudyRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.WatchStudyRequest & consilium.v1.WatchStudyRequest.$Shape} WatchStudyRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.WatchStudyRequest & consilium.v1.WatchStudyRequest.$Shape;
        }

        namespace WatchStudyRequest {

            /** Properties of a WatchStudyRequest. */
            interface $Properties {

                /** WatchStudyRequest studyHash */
                studyHash?: (Uint8Array|null);

                /** WatchStudyRequest afterSeq */
                afterSeq?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a WatchStudyRequest. */
            type $Shape = consilium.v1.WatchStudyRequest.$Properties;
        }

        /**
         * Properties of a WatchStudyReply.
         * @deprecated Use consilium.v1.WatchStudyReply.$Properties instead.
         */
        interface IWatchStudyReply extends consilium.v1.WatchStudyReply.$Properties {
        }

        /** Represents a WatchStudyReply. */
        class WatchStudyReply {

            /**
             * Constructs a new WatchStudyReply.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.WatchStudyReply.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** WatchStudyReply seq. */
            seq: number;

            /** WatchStudyReply status. */
            status?: (consilium.v1.StudyStatus.$Properties|null);

            /** WatchStudyReply rounds. */
            rounds: consilium.v1.RoundReport.$Properties[];

            /**
             * Encodes the specified WatchStudyReply message. Does not implicitly {@link consilium.v1.WatchStudyReply.verify|verify} messages.
             * @param message WatchStudyReply message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.WatchStudyReply.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a WatchStudyReply message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.WatchStudyReply & consilium.v1.WatchStudyReply.$Shape} WatchStudyReply
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.WatchStudyReply & consilium.v1.WatchStudyReply.$Shape;
        }

        namespace WatchStudyReply {

            /** Properties of a WatchStudyReply. */
            interface $Properties {

                /** WatchStudyReply seq */
                seq?: (number|null);

                /** WatchStudyReply status */
                status?: (consilium.v1.StudyStatus.$Properties|null);

                /** WatchStudyReply rounds */
                rounds?: (consilium.v1.RoundReport.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a WatchStudyReply. */
            type $Shape = {
              seq?: number|null;
              status?: consilium.v1.StudyStatus.$Shape|null;
              rounds?: consilium.v1.RoundReport.$Shape[]|null;
              $unknowns?: Uint8Array[];
            };
        }

        /**
         * Properties of a StudyHead.
         * @deprecated Use consilium.v1.StudyHead.$Properties instead.
         */
        interface IStudyHead extends consilium.v1.StudyHead.$Properties {
        }

        /** Represents a StudyHead. */
        class StudyHead {

            /**
             * Constructs a new StudyHead.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.StudyHead.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** StudyHead studyHash. */
            studyHash: Uint8Array;

            /** StudyHead round. */
            round: number;

            /** StudyHead modelHash. */
            modelHash: Uint8Array;

            /** StudyHead eventSeq. */
            eventSeq: number;

            /** StudyHead eventHash. */
            eventHash: Uint8Array;

            /** StudyHead timeMs. */
            timeMs: number;

            /**
             * Encodes the specified StudyHead message. Does not implicitly {@link consilium.v1.StudyHead.verify|verify} messages.
             * @param message StudyHead message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.StudyHead.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a StudyHead message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.StudyHead & consilium.v1.StudyHead.$Shape} StudyHead
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.StudyHead & consilium.v1.StudyHead.$Shape;
        }

        namespace StudyHead {

            /** Properties of a StudyHead. */
            interface $Properties {

                /** StudyHead studyHash */
                studyHash?: (Uint8Array|null);

                /** StudyHead round */
                round?: (number|null);

                /** StudyHead modelHash */
                modelHash?: (Uint8Array|null);

                /** StudyHead eventSeq */
                eventSeq?: (number|null);

                /** StudyHead eventHash */
                eventHash?: (Uint8Array|null);

                /** StudyHead timeMs */
                timeMs?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a StudyHead. */
            type $Shape = consilium.v1.StudyHead.$Properties;
        }

        /**
         * Properties of a ListStudiesRequest.
         * @deprecated Use consilium.v1.ListStudiesRequest.$Properties instead.
         */
        interface IListStudiesRequest extends consilium.v1.ListStudiesRequest.$Properties {
        }

        /** Represents a ListStudiesRequest. */
        class ListStudiesRequest {

            /**
             * Constructs a new ListStudiesRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.ListStudiesRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /**
             * Encodes the specified ListStudiesRequest message. Does not implicitly {@link consilium.v1.ListStudiesRequest.verify|verify} messages.
             * @param message ListStudiesRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.ListStudiesRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ListStudiesRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.ListStudiesRequest & consilium.v1.ListStudiesRequest.$Shape} ListStudiesRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.ListStudiesRequest & consilium.v1.ListStudiesRequest.$Shape;
        }

        namespace ListStudiesRequest {

            /** Properties of a ListStudiesRequest. */
            interface $Properties {

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ListStudiesRequest. */
            type $Shape = consilium.v1.ListStudiesRequest.$Properties;
        }

        /**
         * Properties of a ListStudiesReply.
         * @deprecated Use consilium.v1.ListStudiesReply.$Properties instead.
         */
        interface IListStudiesReply extends consilium.v1.ListStudiesReply.$Properties {
        }

        /** Represents a ListStudiesReply. */
        class ListStudiesReply {

            /**
             * Constructs a new ListStudiesReply.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.ListStudiesReply.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ListStudiesReply studies. */
            studies: consilium.v1.StudySummary.$Properties[];

            /**
             * Encodes the specified ListStudiesReply message. Does not implicitly {@link consilium.v1.ListStudiesReply.verify|verify} messages.
             * @param message ListStudiesReply message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.ListStudiesReply.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ListStudiesReply message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.ListStudiesReply & consilium.v1.ListStudiesReply.$Shape} ListStudiesReply
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.ListStudiesReply & consilium.v1.ListStudiesReply.$Shape;
        }

        namespace ListStudiesReply {

            /** Properties of a ListStudiesReply. */
            interface $Properties {

                /** ListStudiesReply studies */
                studies?: (consilium.v1.StudySummary.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ListStudiesReply. */
            type $Shape = consilium.v1.ListStudiesReply.$Properties;
        }

        /**
         * Properties of a SignedStudy.
         * @deprecated Use consilium.v1.SignedStudy.$Properties instead.
         */
        interface ISignedStudy extends consilium.v1.SignedStudy.$Properties {
        }

        /** Represents a SignedStudy. */
        class SignedStudy {

            /**
             * Constructs a new SignedStudy.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.SignedStudy.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SignedStudy document. */
            document: Uint8Array;

            /** SignedStudy lead. */
            lead: string;

            /** SignedStudy signature. */
            signature: Uint8Array;

            /**
             * Encodes the specified SignedStudy message. Does not implicitly {@link consilium.v1.SignedStudy.verify|verify} messages.
             * @param message SignedStudy message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.SignedStudy.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SignedStudy message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.SignedStudy & consilium.v1.SignedStudy.$Shape} SignedStudy
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.SignedStudy & consilium.v1.SignedStudy.$Shape;
        }

        namespace SignedStudy {

            /** Properties of a SignedStudy. */
            interface $Properties {

                /** SignedStudy document */
                document?: (Uint8Array|null);

                /** SignedStudy lead */
                lead?: (string|null);

                /** SignedStudy signature */
                signature?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SignedStudy. */
            type $Shape = consilium.v1.SignedStudy.$Properties;
        }

        /**
         * Properties of a FetchStudyRequest.
         * @deprecated Use consilium.v1.FetchStudyRequest.$Properties instead.
         */
        interface IFetchStudyRequest extends consilium.v1.FetchStudyRequest.$Properties {
        }

        /** Represents a FetchStudyRequest. */
        class FetchStudyRequest {

            /**
             * Constructs a new FetchStudyRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.FetchStudyRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** FetchStudyRequest studyHash. */
            studyHash: Uint8Array;

            /**
             * Encodes the specified FetchStudyRequest message. Does not implicitly {@link consilium.v1.FetchStudyRequest.verify|verify} messages.
             * @param message FetchStudyRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.FetchStudyRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a FetchStudyRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.FetchStudyRequest & consilium.v1.FetchStudyRequest.$Shape} FetchStudyRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.FetchStudyRequest & consilium.v1.FetchStudyRequest.$Shape;
        }

        namespace FetchStudyRequest {

            /** Properties of a FetchStudyRequest. */
            interface $Properties {

                /** FetchStudyRequest studyHash */
                studyHash?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a FetchStudyRequest. */
            type $Shape = consilium.v1.FetchStudyRequest.$Properties;
        }

        /**
         * Properties of an Approval.
         * @deprecated Use consilium.v1.Approval.$Properties instead.
         */
        interface IApproval extends consilium.v1.Approval.$Properties {
        }

        /** Represents an Approval. */
        class Approval {

            /**
             * Constructs a new Approval.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.Approval.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Approval site. */
            site: string;

            /** Approval studyHash. */
            studyHash: Uint8Array;

            /** Approval policyHash. */
            policyHash: Uint8Array;

            /** Approval untilMs. */
            untilMs: number;

            /** Approval signature. */
            signature: Uint8Array;

            /**
             * Encodes the specified Approval message. Does not implicitly {@link consilium.v1.Approval.verify|verify} messages.
             * @param message Approval message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.Approval.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an Approval message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.Approval & consilium.v1.Approval.$Shape} Approval
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.Approval & consilium.v1.Approval.$Shape;
        }

        namespace Approval {

            /** Properties of an Approval. */
            interface $Properties {

                /** Approval site */
                site?: (string|null);

                /** Approval studyHash */
                studyHash?: (Uint8Array|null);

                /** Approval policyHash */
                policyHash?: (Uint8Array|null);

                /** Approval untilMs */
                untilMs?: (number|null);

                /** Approval signature */
                signature?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an Approval. */
            type $Shape = consilium.v1.Approval.$Properties;
        }

        /**
         * Properties of a Withdrawal.
         * @deprecated Use consilium.v1.Withdrawal.$Properties instead.
         */
        interface IWithdrawal extends consilium.v1.Withdrawal.$Properties {
        }

        /** Represents a Withdrawal. */
        class Withdrawal {

            /**
             * Constructs a new Withdrawal.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.Withdrawal.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Withdrawal site. */
            site: string;

            /** Withdrawal studyHash. */
            studyHash: Uint8Array;

            /**
             * Encodes the specified Withdrawal message. Does not implicitly {@link consilium.v1.Withdrawal.verify|verify} messages.
             * @param message Withdrawal message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.Withdrawal.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Withdrawal message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.Withdrawal & consilium.v1.Withdrawal.$Shape} Withdrawal
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.Withdrawal & consilium.v1.Withdrawal.$Shape;
        }

        namespace Withdrawal {

            /** Properties of a Withdrawal. */
            interface $Properties {

                /** Withdrawal site */
                site?: (string|null);

                /** Withdrawal studyHash */
                studyHash?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Withdrawal. */
            type $Shape = consilium.v1.Withdrawal.$Properties;
        }

        /**
         * Properties of a RollbackConsent.
         * @deprecated Use consilium.v1.RollbackConsent.$Properties instead.
         */
        interface IRollbackConsent extends consilium.v1.RollbackConsent.$Properties {
        }

        /** Represents a RollbackConsent. */
        class RollbackConsent {

            /**
             * Constructs a new RollbackConsent.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.RollbackConsent.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** RollbackConsent site. */
            site: string;

            /** RollbackConsent studyHash. */
            studyHash: Uint8Array;

            /** RollbackConsent round. */
            round: number;

            /**
             * Encodes the specified RollbackConsent message. Does not implicitly {@link consilium.v1.RollbackConsent.verify|verify} messages.
             * @param message RollbackConsent message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.RollbackConsent.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a RollbackConsent message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.RollbackConsent & consilium.v1.RollbackConsent.$Shape} RollbackConsent
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.RollbackConsent & consilium.v1.RollbackConsent.$Shape;
        }

        namespace RollbackConsent {

            /** Properties of a RollbackConsent. */
            interface $Properties {

                /** RollbackConsent site */
                site?: (string|null);

                /** RollbackConsent studyHash */
                studyHash?: (Uint8Array|null);

                /** RollbackConsent round */
                round?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a RollbackConsent. */
            type $Shape = consilium.v1.RollbackConsent.$Properties;
        }

        /** StudyPhase enum. */
        enum StudyPhase {

            /** STUDY_PHASE_UNSPECIFIED value */
            STUDY_PHASE_UNSPECIFIED = 0,

            /** STUDY_PHASE_DECLARING value */
            STUDY_PHASE_DECLARING = 1,

            /** STUDY_PHASE_IDLE value */
            STUDY_PHASE_IDLE = 2,

            /** STUDY_PHASE_TRAINING value */
            STUDY_PHASE_TRAINING = 3,

            /** STUDY_PHASE_MERGING value */
            STUDY_PHASE_MERGING = 4,

            /** STUDY_PHASE_EVALUATING value */
            STUDY_PHASE_EVALUATING = 5,

            /** STUDY_PHASE_PAUSED value */
            STUDY_PHASE_PAUSED = 6,

            /** STUDY_PHASE_COMPLETE value */
            STUDY_PHASE_COMPLETE = 7,

            /** STUDY_PHASE_ABORTED value */
            STUDY_PHASE_ABORTED = 8,

            /** STUDY_PHASE_SECURING value */
            STUDY_PHASE_SECURING = 9
        }

        /**
         * Properties of a StudySummary.
         * @deprecated Use consilium.v1.StudySummary.$Properties instead.
         */
        interface IStudySummary extends consilium.v1.StudySummary.$Properties {
        }

        /** Represents a StudySummary. */
        class StudySummary {

            /**
             * Constructs a new StudySummary.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.StudySummary.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** StudySummary studyHash. */
            studyHash: Uint8Array;

            /** StudySummary study. */
            study: string;

            /** StudySummary lead. */
            lead: string;

            /** StudySummary phase. */
            phase: consilium.v1.StudyPhase;

            /** StudySummary round. */
            round: number;

            /** StudySummary rounds. */
            rounds: number;

            /** StudySummary modelHash. */
            modelHash: Uint8Array;

            /** StudySummary reason. */
            reason: string;

            /**
             * Encodes the specified StudySummary message. Does not implicitly {@link consilium.v1.StudySummary.verify|verify} messages.
             * @param message StudySummary message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.StudySummary.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a StudySummary message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.StudySummary & consilium.v1.StudySummary.$Shape} StudySummary
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.StudySummary & consilium.v1.StudySummary.$Shape;
        }

        namespace StudySummary {

            /** Properties of a StudySummary. */
            interface $Properties {

                /** StudySummary studyHash */
                studyHash?: (Uint8Array|null);

                /** StudySummary study */
                study?: (string|null);

                /** StudySummary lead */
                lead?: (string|null);

                /** StudySummary phase */
                phase?: (consilium.v1.StudyPhase|null);

                /** StudySummary round */
                round?: (number|null);

                /** StudySummary rounds */
                rounds?: (number|null);

                /** StudySummary modelHash */
                modelHash?: (Uint8Array|null);

                /** StudySummary reason */
                reason?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a StudySummary. */
            type $Shape = consilium.v1.StudySummary.$Properties;
        }

        /** SiteStanding enum. */
        enum SiteStanding {

            /** SITE_STANDING_UNSPECIFIED value */
            SITE_STANDING_UNSPECIFIED = 0,

            /** SITE_STANDING_REGISTERED value */
            SITE_STANDING_REGISTERED = 1,

            /** SITE_STANDING_CONFIGURED value */
            SITE_STANDING_CONFIGURED = 2,

            /** SITE_STANDING_TRAINING value */
            SITE_STANDING_TRAINING = 3,

            /** SITE_STANDING_UPLOADED value */
            SITE_STANDING_UPLOADED = 4,

            /** SITE_STANDING_MERGED value */
            SITE_STANDING_MERGED = 5,

            /** SITE_STANDING_DECLINED value */
            SITE_STANDING_DECLINED = 6,

            /** SITE_STANDING_AWAY value */
            SITE_STANDING_AWAY = 7,

            /** SITE_STANDING_VANISHED value */
            SITE_STANDING_VANISHED = 8,

            /** SITE_STANDING_REFUSED value */
            SITE_STANDING_REFUSED = 9,

            /** SITE_STANDING_LATE value */
            SITE_STANDING_LATE = 10,

            /** SITE_STANDING_TRAINED value */
            SITE_STANDING_TRAINED = 11
        }

        /**
         * Properties of a SiteSummary.
         * @deprecated Use consilium.v1.SiteSummary.$Properties instead.
         */
        interface ISiteSummary extends consilium.v1.SiteSummary.$Properties {
        }

        /** Represents a SiteSummary. */
        class SiteSummary {

            /**
             * Constructs a new SiteSummary.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.SiteSummary.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SiteSummary site. */
            site: string;

            /** SiteSummary standing. */
            standing: consilium.v1.SiteStanding;

            /** SiteSummary ageMs. */
            ageMs: number;

            /** SiteSummary step. */
            step: number;

            /** SiteSummary totalSteps. */
            totalSteps: number;

            /** SiteSummary reason. */
            reason: string;

            /** SiteSummary blocks. */
            blocks: string;

            /** SiteSummary privacy. */
            privacy?: (consilium.v1.PrivacyStatement.$Properties|null);

            /**
             * Encodes the specified SiteSummary message. Does not implicitly {@link consilium.v1.SiteSummary.verify|verify} messages.
             * @param message SiteSummary message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.SiteSummary.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SiteSummary message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.SiteSummary & consilium.v1.SiteSummary.$Shape} SiteSummary
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.SiteSummary & consilium.v1.SiteSummary.$Shape;
        }

        namespace SiteSummary {

            /** Properties of a SiteSummary. */
            interface $Properties {

                /** SiteSummary site */
                site?: (string|null);

                /** SiteSummary standing */
                standing?: (consilium.v1.SiteStanding|null);

                /** SiteSummary ageMs */
                ageMs?: (number|null);

                /** SiteSummary step */
                step?: (number|null);

                /** SiteSummary totalSteps */
                totalSteps?: (number|null);

                /** SiteSummary reason */
                reason?: (string|null);

                /** SiteSummary blocks */
                blocks?: (string|null);

                /** SiteSummary privacy */
                privacy?: (consilium.v1.PrivacyStatement.$Properties|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SiteSummary. */
            type $Shape = consilium.v1.SiteSummary.$Properties;
        }

        /** PrivacyMode enum. */
        enum PrivacyMode {

            /** PRIVACY_MODE_UNSPECIFIED value */
            PRIVACY_MODE_UNSPECIFIED = 0,

            /** PRIVACY_MODE_RECORD value */
            PRIVACY_MODE_RECORD = 1
        }

        /** PrivacyUnit enum. */
        enum PrivacyUnit {

            /** PRIVACY_UNIT_UNSPECIFIED value */
            PRIVACY_UNIT_UNSPECIFIED = 0,

            /** PRIVACY_UNIT_PATIENT value */
            PRIVACY_UNIT_PATIENT = 1
        }

        /**
         * Properties of a PrivacyStatement.
         * @deprecated Use consilium.v1.PrivacyStatement.$Properties instead.
         */
        interface IPrivacyStatement extends consilium.v1.PrivacyStatement.$Properties {
        }

        /** Represents a PrivacyStatement. */
        class PrivacyStatement {

            /**
             * Constructs a new PrivacyStatement.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.PrivacyStatement.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** PrivacyStatement site. */
            site: string;

            /** PrivacyStatement studyHash. */
            studyHash: Uint8Array;

            /** PrivacyStatement mode. */
            mode: consilium.v1.PrivacyMode;

            /** PrivacyStatement unit. */
            unit: consilium.v1.PrivacyUnit;

            /** PrivacyStatement delta. */
            delta: number;

            /** PrivacyStatement multiplier. */
            multiplier?: (number|null);

            /** PrivacyStatement epsilonBand. */
            epsilonBand: number;

            /**
             * Encodes the specified PrivacyStatement message. Does not implicitly {@link consilium.v1.PrivacyStatement.verify|verify} messages.
             * @param message PrivacyStatement message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.PrivacyStatement.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a PrivacyStatement message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.PrivacyStatement & consilium.v1.PrivacyStatement.$Shape} PrivacyStatement
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.PrivacyStatement & consilium.v1.PrivacyStatement.$Shape;
        }

        namespace PrivacyStatement {

            /** Properties of a PrivacyStatement. */
            interface $Properties {

                /** PrivacyStatement site */
                site?: (string|null);

                /** PrivacyStatement studyHash */
                studyHash?: (Uint8Array|null);

                /** PrivacyStatement mode */
                mode?: (consilium.v1.PrivacyMode|null);

                /** PrivacyStatement unit */
                unit?: (consilium.v1.PrivacyUnit|null);

                /** PrivacyStatement delta */
                delta?: (number|null);

                /** PrivacyStatement multiplier */
                multiplier?: (number|null);

                /** PrivacyStatement epsilonBand */
                epsilonBand?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a PrivacyStatement. */
            type $Shape = consilium.v1.PrivacyStatement.$Properties;
        }

        /**
         * Properties of a RoundReport.
         * @deprecated Use consilium.v1.RoundReport.$Properties instead.
         */
        interface IRoundReport extends consilium.v1.RoundReport.$Properties {
        }

        /** Represents a RoundReport. */
        class RoundReport {

            /**
             * Constructs a new RoundReport.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.RoundReport.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** RoundReport round. */
            round: number;

            /** RoundReport outcome. */
            outcome: consilium.v1.RoundOutcome;

            /** RoundReport blocks. */
            blocks: consilium.v1.BlockReport.$Properties[];

            /** RoundReport missing. */
            missing: consilium.v1.MissingSite.$Properties[];

            /** RoundReport loss. */
            loss?: (number|null);

            /** RoundReport closedBy. */
            closedBy: consilium.v1.RoundClosing;

            /** RoundReport durationMs. */
            durationMs: number;

            /** RoundReport modelHash. */
            modelHash: Uint8Array;

            /** RoundReport validationScore. */
            validationScore?: (number|null);

            /**
             * Encodes the specified RoundReport message. Does not implicitly {@link consilium.v1.RoundReport.verify|verify} messages.
             * @param message RoundReport message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.RoundReport.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a RoundReport message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.RoundReport & consilium.v1.RoundReport.$Shape} RoundReport
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.RoundReport & consilium.v1.RoundReport.$Shape;
        }

        namespace RoundReport {

            /** Properties of a RoundReport. */
            interface $Properties {

                /** RoundReport round */
                round?: (number|null);

                /** RoundReport outcome */
                outcome?: (consilium.v1.RoundOutcome|null);

                /** RoundReport blocks */
                blocks?: (consilium.v1.BlockReport.$Properties[]|null);

                /** RoundReport missing */
                missing?: (consilium.v1.MissingSite.$Properties[]|null);

                /** RoundReport loss */
                loss?: (number|null);

                /** RoundReport closedBy */
                closedBy?: (consilium.v1.RoundClosing|null);

                /** RoundReport durationMs */
                durationMs?: (number|null);

                /** RoundReport modelHash */
                modelHash?: (Uint8Array|null);

                /** RoundReport validationScore */
                validationScore?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a RoundReport. */
            type $Shape = {
              round?: number|null;
              outcome?: consilium.v1.RoundOutcome|null;
              blocks?: consilium.v1.BlockReport.$Shape[]|null;
              missing?: consilium.v1.MissingSite.$Shape[]|null;
              loss?: number|null;
              closedBy?: consilium.v1.RoundClosing|null;
              durationMs?: number|null;
              modelHash?: Uint8Array|null;
              validationScore?: number|null;
              $unknowns?: Uint8Array[];
            };
        }

        /** RoundOutcome enum. */
        enum RoundOutcome {

            /** ROUND_OUTCOME_UNSPECIFIED value */
            ROUND_OUTCOME_UNSPECIFIED = 0,

            /** ROUND_OUTCOME_COMMITTED value */
            ROUND_OUTCOME_COMMITTED = 1,

            /** ROUND_OUTCOME_FAILED value */
            ROUND_OUTCOME_FAILED = 2
        }

        /** RoundClosing enum. */
        enum RoundClosing {

            /** ROUND_CLOSING_UNSPECIFIED value */
            ROUND_CLOSING_UNSPECIFIED = 0,

            /** ROUND_CLOSING_ALL_IN value */
            ROUND_CLOSING_ALL_IN = 1,

            /** ROUND_CLOSING_QUORUM_AND_GRACE value */
            ROUND_CLOSING_QUORUM_AND_GRACE = 2,

            /** ROUND_CLOSING_DEADLINE value */
            ROUND_CLOSING_DEADLINE = 3
        }

        /**
         * Properties of a BlockReport.
         * @deprecated Use consilium.v1.BlockReport.$Properties instead.
         */
        interface IBlockReport extends consilium.v1.BlockReport.$Properties {
        }

        /** Represents a BlockReport. */
        class BlockReport {

            /**
             * Constructs a new BlockReport.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.BlockReport.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** BlockReport block. */
            block: string;

            /** BlockReport merged. */
            merged?: (consilium.v1.MergedBlock.$Properties|null);

            /** BlockReport kept. */
            kept?: (consilium.v1.KeptBlock.$Properties|null);

            /** BlockReport contributors. */
            contributors: string;

            /** BlockReport clipped. */
            clipped: number;

            /** BlockReport saturated. */
            saturated: number;

            /** BlockReport singleton. */
            singleton?: (string|null);

            /** BlockReport outcome. */
            outcome?: ("merged"|"kept");

            /**
             * Encodes the specified BlockReport message. Does not implicitly {@link consilium.v1.BlockReport.verify|verify} messages.
             * @param message BlockReport message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.BlockReport.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a BlockReport message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.BlockReport & consilium.v1.BlockReport.$Shape} BlockReport
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.BlockReport & consilium.v1.BlockReport.$Shape;
        }

        namespace BlockReport {

            /** Properties of a BlockReport. */
            interface $Properties {

                /** BlockReport block */
                block?: (string|null);

                /** BlockReport merged */
                merged?: (consilium.v1.MergedBlock.$Properties|null);

                /** BlockReport kept */
                kept?: (consilium.v1.KeptBlock.$Properties|null);

                /** BlockReport contributors */
                contributors?: (string|null);

                /** BlockReport clipped */
                clipped?: (number|null);

                /** BlockReport saturated */
                saturated?: (number|null);

                /** BlockReport singleton */
                singleton?: (string|null);

                /** BlockReport outcome */
                outcome?: ("merged"|"kept");

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Narrowed shape of a BlockReport. */
            type $Shape = {
              block?: string|null;
              merged?: consilium.v1.MergedBlock.$Shape|null;
              kept?: consilium.v1.KeptBlock.$Shape|null;
              contributors?: string|null;
              clipped?: number|null;
              saturated?: number|null;
              singleton?: string|null;
              $unknowns?: Uint8Array[];
            } & (
              ({ outcome?: undefined; merged?: null; kept?: null }|{ outcome?: "merged"; merged: consilium.v1.MergedBlock.$Shape; kept?: null }|{ outcome?: "kept"; merged?: null; kept: consilium.v1.KeptBlock.$Shape })
            );
        }

        /**
         * Properties of a MergedBlock.
         * @deprecated Use consilium.v1.MergedBlock.$Properties instead.
         */
        interface IMergedBlock extends consilium.v1.MergedBlock.$Properties {
        }

        /** Represents a MergedBlock. */
        class MergedBlock {

            /**
             * Constructs a new MergedBlock.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.MergedBlock.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** MergedBlock deltaNorm. */
            deltaNorm: number;

            /** MergedBlock stepNorm. */
            stepNorm: number;

            /** MergedBlock scale. */
            scale: number;

            /**
             * Encodes the specified MergedBlock message. Does not implicitly {@link consilium.v1.MergedBlock.verify|verify} messages.
             * @param message MergedBlock message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.MergedBlock.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a MergedBlock message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.MergedBlock & consilium.v1.MergedBlock.$Shape} MergedBlock
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.MergedBlock & consilium.v1.MergedBlock.$Shape;
        }

        namespace MergedBlock {

            /** Properties of a MergedBlock. */
            interface $Properties {

                /** MergedBlock deltaNorm */
                deltaNorm?: (number|null);

                /** MergedBlock stepNorm */
                stepNorm?: (number|null);

                /** MergedBlock scale */
                scale?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a MergedBlock. */
            type $Shape = consilium.v1.MergedBlock.$Properties;
        }

        /**
         * Properties of a KeptBlock.
         * @deprecated Use consilium.v1.KeptBlock.$Properties instead.
         */
        interface IKeptBlock extends consilium.v1.KeptBlock.$Properties {
        }

        /** Represents a KeptBlock. */
        class KeptBlock {

            /**
             * Constructs a new KeptBlock.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.KeptBlock.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** KeptBlock reason. */
            reason: consilium.v1.KeptReason;

            /** KeptBlock detail. */
            detail: string;

            /**
             * Encodes the specified KeptBlock message. Does not implicitly {@link consilium.v1.KeptBlock.verify|verify} messages.
             * @param message KeptBlock message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.KeptBlock.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a KeptBlock message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.KeptBlock & consilium.v1.KeptBlock.$Shape} KeptBlock
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.KeptBlock & consilium.v1.KeptBlock.$Shape;
        }

        namespace KeptBlock {

            /** Properties of a KeptBlock. */
            interface $Properties {

                /** KeptBlock reason */
                reason?: (consilium.v1.KeptReason|null);

                /** KeptBlock detail */
                detail?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a KeptBlock. */
            type $Shape = consilium.v1.KeptBlock.$Properties;
        }

        /** KeptReason enum. */
        enum KeptReason {

            /** KEPT_REASON_UNSPECIFIED value */
            KEPT_REASON_UNSPECIFIED = 0,

            /** KEPT_REASON_NO_HOLDER value */
            KEPT_REASON_NO_HOLDER = 1,

            /** KEPT_REASON_STAYS_AT_SITE value */
            KEPT_REASON_STAYS_AT_SITE = 2,

            /** KEPT_REASON_FEW_INVITED value */
            KEPT_REASON_FEW_INVITED = 3,

            /** KEPT_REASON_BELOW_QUORUM value */
            KEPT_REASON_BELOW_QUORUM = 4,

            /** KEPT_REASON_OUT_OF_RANGE value */
            KEPT_REASON_OUT_OF_RANGE = 5,

            /** KEPT_REASON_ROBUST_PRECONDITION value */
            KEPT_REASON_ROBUST_PRECONDITION = 6,

            /** KEPT_REASON_NOT_REVEALED value */
            KEPT_REASON_NOT_REVEALED = 7
        }

        /**
         * Properties of a MissingSite.
         * @deprecated Use consilium.v1.MissingSite.$Properties instead.
         */
        interface IMissingSite extends consilium.v1.MissingSite.$Properties {
        }

        /** Represents a MissingSite. */
        class MissingSite {

            /**
             * Constructs a new MissingSite.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.MissingSite.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** MissingSite site. */
            site: string;

            /** MissingSite reason. */
            reason: consilium.v1.MissingReason;

            /** MissingSite detail. */
            detail: string;

            /**
             * Encodes the specified MissingSite message. Does not implicitly {@link consilium.v1.MissingSite.verify|verify} messages.
             * @param message MissingSite message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.MissingSite.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a MissingSite message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.MissingSite & consilium.v1.MissingSite.$Shape} MissingSite
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.MissingSite & consilium.v1.MissingSite.$Shape;
        }

        namespace MissingSite {

            /** Properties of a MissingSite. */
            interface $Properties {

                /** MissingSite site */
                site?: (string|null);

                /** MissingSite reason */
                reason?: (consilium.v1.MissingReason|null);

                /** MissingSite detail */
                detail?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a MissingSite. */
            type $Shape = consilium.v1.MissingSite.$Properties;
        }

        /** MissingReason enum. */
        enum MissingReason {

            /** MISSING_REASON_UNSPECIFIED value */
            MISSING_REASON_UNSPECIFIED = 0,

            /** MISSING_REASON_DECLINED value */
            MISSING_REASON_DECLINED = 1,

            /** MISSING_REASON_VANISHED value */
            MISSING_REASON_VANISHED = 2,

            /** MISSING_REASON_REFUSED value */
            MISSING_REASON_REFUSED = 3
        }

        /**
         * Properties of an AwaitInstructionRequest.
         * @deprecated Use consilium.v1.AwaitInstructionRequest.$Properties instead.
         */
        interface IAwaitInstructionRequest extends consilium.v1.AwaitInstructionRequest.$Properties {
        }

        /** Represents an AwaitInstructionRequest. */
        class AwaitInstructionRequest {

            /**
             * Constructs a new AwaitInstructionRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.AwaitInstructionRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** AwaitInstructionRequest studyHash. */
            studyHash: Uint8Array;

            /** AwaitInstructionRequest site. */
            site: string;

            /**
             * Encodes the specified AwaitInstructionRequest message. Does not implicitly {@link consilium.v1.AwaitInstructionRequest.verify|verify} messages.
             * @param message AwaitInstructionRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.AwaitInstructionRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an AwaitInstructionRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.AwaitInstructionRequest & consilium.v1.AwaitInstructionRequest.$Shape} AwaitInstructionRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.AwaitInstructionRequest & consilium.v1.AwaitInstructionRequest.$Shape;
        }

        namespace AwaitInstructionRequest {

            /** Properties of an AwaitInstructionRequest. */
            interface $Properties {

                /** AwaitInstructionRequest studyHash */
                studyHash?: (Uint8Array|null);

                /** AwaitInstructionRequest site */
                site?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an AwaitInstructionRequest. */
            type $Shape = consilium.v1.AwaitInstructionRequest.$Properties;
        }

        /**
         * Properties of an AwaitInstructionReply.
         * @deprecated Use consilium.v1.AwaitInstructionReply.$Properties instead.
         */
        interface IAwaitInstructionReply extends consilium.v1.AwaitInstructionReply.$Properties {
        }

        /** Represents an AwaitInstructionReply. */
        class AwaitInstructionReply {

            /**
             * Constructs a new AwaitInstructionReply.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.AwaitInstructionReply.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** AwaitInstructionReply nothingYet. */
            nothingYet?: (consilium.v1.NothingYet.$Properties|null);

            /** AwaitInstructionReply instruction. */
            instruction?: (consilium.v1.LastingSignature.$Properties|null);

            /** AwaitInstructionReply answer. */
            answer?: ("nothingYet"|"instruction");

            /**
             * Encodes the specified AwaitInstructionReply message. Does not implicitly {@link consilium.v1.AwaitInstructionReply.verify|verify} messages.
             * @param message AwaitInstructionReply message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.AwaitInstructionReply.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an AwaitInstructionReply message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.AwaitInstructionReply & consilium.v1.AwaitInstructionReply.$Shape} AwaitInstructionReply
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.AwaitInstructionReply & consilium.v1.AwaitInstructionReply.$Shape;
        }

        namespace AwaitInstructionReply {

            /** Properties of an AwaitInstructionReply. */
            interface $Properties {

                /** AwaitInstructionReply nothingYet */
                nothingYet?: (consilium.v1.NothingYet.$Properties|null);

                /** AwaitInstructionReply instruction */
                instruction?: (consilium.v1.LastingSignature.$Properties|null);

                /** AwaitInstructionReply answer */
                answer?: ("nothingYet"|"instruction");

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Narrowed shape of an AwaitInstructionReply. */
            type $Shape = {
              nothingYet?: consilium.v1.NothingYet.$Shape|null;
              instruction?: consilium.v1.LastingSignature.$Shape|null;
              $unknowns?: Uint8Array[];
            } & (
              ({ answer?: undefined; nothingYet?: null; instruction?: null }|{ answer?: "nothingYet"; nothingYet: consilium.v1.NothingYet.$Shape; instruction?: null }|{ answer?: "instruction"; nothingYet?: null; instruction: consilium.v1.LastingSignature.$Shape })
            );
        }

        /**
         * Properties of a NothingYet.
         * @deprecated Use consilium.v1.NothingYet.$Properties instead.
         */
        interface INothingYet extends consilium.v1.NothingYet.$Properties {
        }

        /** Represents a NothingYet. */
        class NothingYet {

            /**
             * Constructs a new NothingYet.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.NothingYet.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /**
             * Encodes the specified NothingYet message. Does not implicitly {@link consilium.v1.NothingYet.verify|verify} messages.
             * @param message NothingYet message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.NothingYet.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a NothingYet message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.NothingYet & consilium.v1.NothingYet.$Shape} NothingYet
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.NothingYet & consilium.v1.NothingYet.$Shape;
        }

        namespace NothingYet {

            /** Properties of a NothingYet. */
            interface $Properties {

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a NothingYet. */
            type $Shape = consilium.v1.NothingYet.$Properties;
        }

        /**
         * Properties of an Instruction.
         * @deprecated Use consilium.v1.Instruction.$Properties instead.
         */
        interface IInstruction extends consilium.v1.Instruction.$Properties {
        }

        /** Represents an Instruction. */
        class Instruction {

            /**
             * Constructs a new Instruction.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.Instruction.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Instruction studyHash. */
            studyHash: Uint8Array;

            /** Instruction site. */
            site: string;

            /** Instruction census. */
            census?: (consilium.v1.CensusInstruction.$Properties|null);

            /** Instruction train. */
            train?: (consilium.v1.TrainInstruction.$Properties|null);

            /** Instruction evaluate. */
            evaluate?: (consilium.v1.EvaluateInstruction.$Properties|null);

            /** Instruction finished. */
            finished?: (consilium.v1.FinishedInstruction.$Properties|null);

            /** Instruction secure. */
            secure?: (consilium.v1.SecureInstruction.$Properties|null);

            /** Instruction kind. */
            kind?: ("census"|"train"|"evaluate"|"finished"|"secure");

            /**
             * Encodes the specified Instruction message. Does not implicitly {@link consilium.v1.Instruction.verify|verify} messages.
             * @param message Instruction message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.Instruction.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an Instruction message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.Instruction & consilium.v1.Instruction.$Shape} Instruction
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.Instruction & consilium.v1.Instruction.$Shape;
        }

        namespace Instruction {

            /** Properties of an Instruction. */
            interface $Properties {

                /** Instruction studyHash */
                studyHash?: (Uint8Array|null);

                /** Instruction site */
                site?: (string|null);

                /** Instruction census */
                census?: (consilium.v1.CensusInstruction.$Properties|null);

                /** Instruction train */
                train?: (consilium.v1.TrainInstruction.$Properties|null);

                /** Instruction evaluate */
                evaluate?: (consilium.v1.EvaluateInstruction.$Properties|null);

                /** Instruction finished */
                finished?: (consilium.v1.FinishedInstruction.$Properties|null);

                /** Instruction secure */
                secure?: (consilium.v1.SecureInstruction.$Properties|null);

                /** Instruction kind */
                kind?: ("census"|"train"|"evaluate"|"finished"|"secure");

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Narrowed shape of an Instruction. */
            type $Shape = {
              studyHash?: Uint8Array|null;
              site?: string|null;
              census?: consilium.v1.CensusInstruction.$Shape|null;
              train?: consilium.v1.TrainInstruction.$Shape|null;
              evaluate?: consilium.v1.EvaluateInstruction.$Shape|null;
              finished?: consilium.v1.FinishedInstruction.$Shape|null;
              secure?: consilium.v1.SecureInstruction.$Shape|null;
              $unknowns?: Uint8Array[];
            } & (
              ({ kind?: undefined; census?: null; train?: null; evaluate?: null; finished?: null; secure?: null }|{ kind?: "census"; census: consilium.v1.CensusInstruction.$Shape; train?: null; evaluate?: null; finished?: null; secure?: null }|{ kind?: "train"; census?: null; train: consilium.v1.TrainInstruction.$Shape; evaluate?: null; finished?: null; secure?: null }|{ kind?: "evaluate"; census?: null; train?: null; evaluate: consilium.v1.EvaluateInstruction.$Shape; finished?: null; secure?: null }|{ kind?: "finished"; census?: null; train?: null; evaluate?: null; finished: consilium.v1.FinishedInstruction.$Shape; secure?: null }|{ kind?: "secure"; census?: null; train?: null; evaluate?: null; finished?: null; secure: consilium.v1.SecureInstruction.$Shape })
            );
        }

        /**
         * Properties of a CensusInstruction.
         * @deprecated Use consilium.v1.CensusInstruction.$Properties instead.
         */
        interface ICensusInstruction extends consilium.v1.CensusInstruction.$Properties {
        }

        /** Represents a CensusInstruction. */
        class CensusInstruction {

            /**
             * Constructs a new CensusInstruction.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.CensusInstruction.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /**
             * Encodes the specified CensusInstruction message. Does not implicitly {@link consilium.v1.CensusInstruction.verify|verify} messages.
             * @param message CensusInstruction message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.CensusInstruction.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a CensusInstruction message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.CensusInstruction & consilium.v1.CensusInstruction.$Shape} CensusInstruction
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.CensusInstruction & consilium.v1.CensusInstruction.$Shape;
        }

        namespace CensusInstruction {

            /** Properties of a CensusInstruction. */
            interface $Properties {

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a CensusInstruction. */
            type $Shape = consilium.v1.CensusInstruction.$Properties;
        }

        /**
         * Properties of a TrainInstruction.
         * @deprecated Use consilium.v1.TrainInstruction.$Properties instead.
         */
        interface ITrainInstruction extends consilium.v1.TrainInstruction.$Properties {
        }

        /** Represents a TrainInstruction. */
        class TrainInstruction {

            /**
             * Constructs a new TrainInstruction.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.TrainInstruction.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** TrainInstruction round. */
            round: number;

            /** TrainInstruction blocks. */
            blocks: consilium.v1.BlockHash.$Properties[];

            /** TrainInstruction solo. */
            solo: consilium.v1.BlockHash.$Properties[];

            /** TrainInstruction weights. */
            weights: consilium.v1.BlockWeight.$Properties[];

            /** TrainInstruction clips. */
            clips: consilium.v1.BlockNumber.$Properties[];

            /** TrainInstruction census. */
            census?: (consilium.v1.CensusResult.$Properties|null);

            /**
             * Encodes the specified TrainInstruction message. Does not implicitly {@link consilium.v1.TrainInstruction.verify|verify} messages.
             * @param message TrainInstruction message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.TrainInstruction.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a TrainInstruction message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.TrainInstruction & consilium.v1.TrainInstruction.$Shape} TrainInstruction
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.TrainInstruction & consilium.v1.TrainInstruction.$Shape;
        }

        namespace TrainInstruction {

            /** Properties of a TrainInstruction. */
            interface $Properties {

                /** TrainInstruction round */
                round?: (number|null);

                /** TrainInstruction blocks */
                blocks?: (consilium.v1.BlockHash.$Properties[]|null);

                /** TrainInstruction solo */
                solo?: (consilium.v1.BlockHash.$Properties[]|null);

                /** TrainInstruction weights */
                weights?: (consilium.v1.BlockWeight.$Properties[]|null);

                /** TrainInstruction clips */
                clips?: (consilium.v1.BlockNumber.$Properties[]|null);

                /** TrainInstruction census */
                census?: (consilium.v1.CensusResult.$Properties|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a TrainInstruction. */
            type $Shape = consilium.v1.TrainInstruction.$Properties;
        }

        /**
         * Properties of an EvaluateInstruction.
         * @deprecated Use consilium.v1.EvaluateInstruction.$Properties instead.
         */
        interface IEvaluateInstruction extends consilium.v1.EvaluateInstruction.$Properties {
        }

        /** Represents an EvaluateInstruction. */
        class EvaluateInstruction {

            /**
             * Constructs a new EvaluateInstruction.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.EvaluateInstruction.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** EvaluateInstruction round. */
            round: number;

            /** EvaluateInstruction part. */
            part: consilium.v1.EvaluationPart;

            /** EvaluateInstruction subsets. */
            subsets: consilium.v1.ModalitySubset.$Properties[];

            /** EvaluateInstruction blocks. */
            blocks: consilium.v1.BlockHash.$Properties[];

            /** EvaluateInstruction census. */
            census?: (consilium.v1.CensusResult.$Properties|null);

            /**
             * Encodes the specified EvaluateInstruction message. Does not implicitly {@link consilium.v1.EvaluateInstruction.verify|verify} messages.
             * @param message EvaluateInstruction message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.EvaluateInstruction.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an EvaluateInstruction message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.EvaluateInstruction & consilium.v1.EvaluateInstruction.$Shape} EvaluateInstruction
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.EvaluateInstruction & consilium.v1.EvaluateInstruction.$Shape;
        }

        namespace EvaluateInstruction {

            /** Properties of an EvaluateInstruction. */
            interface $Properties {

                /** EvaluateInstruction round */
                round?: (number|null);

                /** EvaluateInstruction part */
                part?: (consilium.v1.EvaluationPart|null);

                /** EvaluateInstruction subsets */
                subsets?: (consilium.v1.ModalitySubset.$Properties[]|null);

                /** EvaluateInstruction blocks */
                blocks?: (consilium.v1.BlockHash.$Properties[]|null);

                /** EvaluateInstruction census */
                census?: (consilium.v1.CensusResult.$Properties|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an EvaluateInstruction. */
            type $Shape = consilium.v1.EvaluateInstruction.$Properties;
        }

        /**
         * Properties of a SecureInstruction.
         * @deprecated Use consilium.v1.SecureInstruction.$Properties instead.
         */
        interface ISecureInstruction extends consilium.v1.SecureInstruction.$Properties {
        }

        /** Represents a SecureInstruction. */
        class SecureInstruction {

            /**
             * Constructs a new SecureInstruction.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.SecureInstruction.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SecureInstruction round. */
            round: number;

            /** SecureInstruction session. */
            session: Uint8Array;

            /** SecureInstruction task. */
            task?: (consilium.v1.SecureTask.$Properties|null);

            /**
             * Encodes the specified SecureInstruction message. Does not implicitly {@link consilium.v1.SecureInstruction.verify|verify} messages.
             * @param message SecureInstruction message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.SecureInstruction.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SecureInstruction message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.SecureInstruction & consilium.v1.SecureInstruction.$Shape} SecureInstruction
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.SecureInstruction & consilium.v1.SecureInstruction.$Shape;
        }

        namespace SecureInstruction {

            /** Properties of a SecureInstruction. */
            interface $Properties {

                /** SecureInstruction round */
                round?: (number|null);

                /** SecureInstruction session */
                session?: (Uint8Array|null);

                /** SecureInstruction task */
                task?: (consilium.v1.SecureTask.$Properties|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SecureInstruction. */
            type $Shape = {
              round?: number|null;
              session?: Uint8Array|null;
              task?: consilium.v1.SecureTask.$Shape|null;
              $unknowns?: Uint8Array[];
            };
        }

        /**
         * Properties of a FinishedInstruction.
         * @deprecated Use consilium.v1.FinishedInstruction.$Properties instead.
         */
        interface IFinishedInstruction extends consilium.v1.FinishedInstruction.$Properties {
        }

        /** Represents a FinishedInstruction. */
        class FinishedInstruction {

            /**
             * Constructs a new FinishedInstruction.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.FinishedInstruction.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** FinishedInstruction reason. */
            reason: consilium.v1.FinishedReason;

            /**
             * Encodes the specified FinishedInstruction message. Does not implicitly {@link consilium.v1.FinishedInstruction.verify|verify} messages.
             * @param message FinishedInstruction message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.FinishedInstruction.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a FinishedInstruction message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.FinishedInstruction & consilium.v1.FinishedInstruction.$Shape} FinishedInstruction
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.FinishedInstruction & consilium.v1.FinishedInstruction.$Shape;
        }

        namespace FinishedInstruction {

            /** Properties of a FinishedInstruction. */
            interface $Properties {

                /** FinishedInstruction reason */
                reason?: (consilium.v1.FinishedReason|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a FinishedInstruction. */
            type $Shape = consilium.v1.FinishedInstruction.$Properties;
        }

        /** FinishedReason enum. */
        enum FinishedReason {

            /** FINISHED_REASON_UNSPECIFIED value */
            FINISHED_REASON_UNSPECIFIED = 0,

            /** FINISHED_REASON_COMPLETE value */
            FINISHED_REASON_COMPLETE = 1,

            /** FINISHED_REASON_ABORTED value */
            FINISHED_REASON_ABORTED = 2
        }

        /**
         * Properties of a BlockHash.
         * @deprecated Use consilium.v1.BlockHash.$Properties instead.
         */
        interface IBlockHash extends consilium.v1.BlockHash.$Properties {
        }

        /** Represents a BlockHash. */
        class BlockHash {

            /**
             * Constructs a new BlockHash.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.BlockHash.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** BlockHash block. */
            block: string;

            /** BlockHash hash. */
            hash: Uint8Array;

            /**
             * Encodes the specified BlockHash message. Does not implicitly {@link consilium.v1.BlockHash.verify|verify} messages.
             * @param message BlockHash message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.BlockHash.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a BlockHash message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.BlockHash & consilium.v1.BlockHash.$Shape} BlockHash
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.BlockHash & consilium.v1.BlockHash.$Shape;
        }

        namespace BlockHash {

            /** Properties of a BlockHash. */
            interface $Properties {

                /** BlockHash block */
                block?: (string|null);

                /** BlockHash hash */
                hash?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a BlockHash. */
            type $Shape = consilium.v1.BlockHash.$Properties;
        }

        /**
         * Properties of a ModalitySubset.
         * @deprecated Use consilium.v1.ModalitySubset.$Properties instead.
         */
        interface IModalitySubset extends consilium.v1.ModalitySubset.$Properties {
        }

        /** Represents a ModalitySubset. */
        class ModalitySubset {

            /**
             * Constructs a new ModalitySubset.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.ModalitySubset.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ModalitySubset modalities. */
            modalities: string;

            /**
             * Encodes the specified ModalitySubset message. Does not implicitly {@link consilium.v1.ModalitySubset.verify|verify} messages.
             * @param message ModalitySubset message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.ModalitySubset.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ModalitySubset message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.ModalitySubset & consilium.v1.ModalitySubset.$Shape} ModalitySubset
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.ModalitySubset & consilium.v1.ModalitySubset.$Shape;
        }

        namespace ModalitySubset {

            /** Properties of a ModalitySubset. */
            interface $Properties {

                /** ModalitySubset modalities */
                modalities?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ModalitySubset. */
            type $Shape = consilium.v1.ModalitySubset.$Properties;
        }

        /**
         * Properties of a FetchRecordsRequest.
         * @deprecated Use consilium.v1.FetchRecordsRequest.$Properties instead.
         */
        interface IFetchRecordsRequest extends consilium.v1.FetchRecordsRequest.$Properties {
        }

        /** Represents a FetchRecordsRequest. */
        class FetchRecordsRequest {

            /**
             * Constructs a new FetchRecordsRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.FetchRecordsRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** FetchRecordsRequest studyHash. */
            studyHash: Uint8Array;

            /** FetchRecordsRequest site. */
            site: string;

            /** FetchRecordsRequest afterRound. */
            afterRound: number;

            /**
             * Encodes the specified FetchRecordsRequest message. Does not implicitly {@link consilium.v1.FetchRecordsRequest.verify|verify} messages.
             * @param message FetchRecordsRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.FetchRecordsRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a FetchRecordsRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.FetchRecordsRequest & consilium.v1.FetchRecordsRequest.$Shape} FetchRecordsRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.FetchRecordsRequest & consilium.v1.FetchRecordsRequest.$Shape;
        }

        namespace FetchRecordsRequest {

            /** Properties of a FetchRecordsRequest. */
            interface $Properties {

                /** FetchRecordsRequest studyHash */
                studyHash?: (Uint8Array|null);

                /** FetchRecordsRequest site */
                site?: (string|null);

                /** FetchRecordsRequest afterRound */
                afterRound?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a FetchRecordsRequest. */
            type $Shape = consilium.v1.FetchRecordsRequest.$Properties;
        }

        /**
         * Properties of a FetchRecordsReply.
         * @deprecated Use consilium.v1.FetchRecordsReply.$Properties instead.
         */
        interface IFetchRecordsReply extends consilium.v1.FetchRecordsReply.$Properties {
        }

        /** Represents a FetchRecordsReply. */
        class FetchRecordsReply {

            /**
             * Constructs a new FetchRecordsReply.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.FetchRecordsReply.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** FetchRecordsReply records. */
            records: consilium.v1.LastingSignature.$Properties[];

            /**
             * Encodes the specified FetchRecordsReply message. Does not implicitly {@link consilium.v1.FetchRecordsReply.verify|verify} messages.
             * @param message FetchRecordsReply message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.FetchRecordsReply.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a FetchRecordsReply message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.FetchRecordsReply & consilium.v1.FetchRecordsReply.$Shape} FetchRecordsReply
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.FetchRecordsReply & consilium.v1.FetchRecordsReply.$Shape;
        }

        namespace FetchRecordsReply {

            /** Properties of a FetchRecordsReply. */
            interface $Properties {

                /** FetchRecordsReply records */
                records?: (consilium.v1.LastingSignature.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a FetchRecordsReply. */
            type $Shape = consilium.v1.FetchRecordsReply.$Properties;
        }

        /**
         * Properties of a CommitRequest.
         * @deprecated Use consilium.v1.CommitRequest.$Properties instead.
         */
        interface ICommitRequest extends consilium.v1.CommitRequest.$Properties {
        }

        /** Represents a CommitRequest. */
        class CommitRequest {

            /**
             * Constructs a new CommitRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.CommitRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** CommitRequest studyHash. */
            studyHash: Uint8Array;

            /** CommitRequest site. */
            site: string;

            /** CommitRequest round. */
            round: number;

            /** CommitRequest contentHash. */
            contentHash: Uint8Array;

            /**
             * Encodes the specified CommitRequest message. Does not implicitly {@link consilium.v1.CommitRequest.verify|verify} messages.
             * @param message CommitRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.CommitRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a CommitRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.CommitRequest & consilium.v1.CommitRequest.$Shape} CommitRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.CommitRequest & consilium.v1.CommitRequest.$Shape;
        }

        namespace CommitRequest {

            /** Properties of a CommitRequest. */
            interface $Properties {

                /** CommitRequest studyHash */
                studyHash?: (Uint8Array|null);

                /** CommitRequest site */
                site?: (string|null);

                /** CommitRequest round */
                round?: (number|null);

                /** CommitRequest contentHash */
                contentHash?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a CommitRequest. */
            type $Shape = consilium.v1.CommitRequest.$Properties;
        }

        /**
         * Properties of a ReadyNotice.
         * @deprecated Use consilium.v1.ReadyNotice.$Properties instead.
         */
        interface IReadyNotice extends consilium.v1.ReadyNotice.$Properties {
        }

        /** Represents a ReadyNotice. */
        class ReadyNotice {

            /**
             * Constructs a new ReadyNotice.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.ReadyNotice.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ReadyNotice studyHash. */
            studyHash: Uint8Array;

            /** ReadyNotice site. */
            site: string;

            /** ReadyNotice round. */
            round: number;

            /** ReadyNotice purpose. */
            purpose: consilium.v1.SecurePurpose;

            /** ReadyNotice blocks. */
            blocks: string;

            /**
             * Encodes the specified ReadyNotice message. Does not implicitly {@link consilium.v1.ReadyNotice.verify|verify} messages.
             * @param message ReadyNotice message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.ReadyNotice.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ReadyNotice message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.ReadyNotice & consilium.v1.ReadyNotice.$Shape} ReadyNotice
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.ReadyNotice & consilium.v1.ReadyNotice.$Shape;
        }

        namespace ReadyNotice {

            /** Properties of a ReadyNotice. */
            interface $Properties {

                /** ReadyNotice studyHash */
                studyHash?: (Uint8Array|null);

                /** ReadyNotice site */
                site?: (string|null);

                /** ReadyNotice round */
                round?: (number|null);

                /** ReadyNotice purpose */
                purpose?: (consilium.v1.SecurePurpose|null);

                /** ReadyNotice blocks */
                blocks?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ReadyNotice. */
            type $Shape = consilium.v1.ReadyNotice.$Properties;
        }

        /**
         * Properties of a SecureSubmission.
         * @deprecated Use consilium.v1.SecureSubmission.$Properties instead.
         */
        interface ISecureSubmission extends consilium.v1.SecureSubmission.$Properties {
        }

        /** Represents a SecureSubmission. */
        class SecureSubmission {

            /**
             * Constructs a new SecureSubmission.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.SecureSubmission.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SecureSubmission studyHash. */
            studyHash: Uint8Array;

            /** SecureSubmission site. */
            site: string;

            /** SecureSubmission round. */
            round: number;

            /** SecureSubmission session. */
            session: Uint8Array;

            /** SecureSubmission message. */
            message?: (consilium.v1.SecureMessage.$Properties|null);

            /** SecureSubmission contentHash. */
            contentHash: Uint8Array;

            /**
             * Encodes the specified SecureSubmission message. Does not implicitly {@link consilium.v1.SecureSubmission.verify|verify} messages.
             * @param message SecureSubmission message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.SecureSubmission.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SecureSubmission message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.SecureSubmission & consilium.v1.SecureSubmission.$Shape} SecureSubmission
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.SecureSubmission & consilium.v1.SecureSubmission.$Shape;
        }

        namespace SecureSubmission {

            /** Properties of a SecureSubmission. */
            interface $Properties {

                /** SecureSubmission studyHash */
                studyHash?: (Uint8Array|null);

                /** SecureSubmission site */
                site?: (string|null);

                /** SecureSubmission round */
                round?: (number|null);

                /** SecureSubmission session */
                session?: (Uint8Array|null);

                /** SecureSubmission message */
                message?: (consilium.v1.SecureMessage.$Properties|null);

                /** SecureSubmission contentHash */
                contentHash?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SecureSubmission. */
            type $Shape = consilium.v1.SecureSubmission.$Properties;
        }

        /**
         * Properties of a Receipt.
         * @deprecated Use consilium.v1.Receipt.$Properties instead.
         */
        interface IReceipt extends consilium.v1.Receipt.$Properties {
        }

        /** Represents a Receipt. */
        class Receipt {

            /**
             * Constructs a new Receipt.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.Receipt.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Receipt accepted. */
            accepted?: (consilium.v1.Accepted.$Properties|null);

            /** Receipt duplicate. */
            duplicate?: (consilium.v1.Duplicate.$Properties|null);

            /** Receipt late. */
            late?: (consilium.v1.Late.$Properties|null);

            /** Receipt refused. */
            refused?: (consilium.v1.Refused.$Properties|null);

            /** Receipt kind. */
            kind?: ("accepted"|"duplicate"|"late"|"refused");

            /**
             * Encodes the specified Receipt message. Does not implicitly {@link consilium.v1.Receipt.verify|verify} messages.
             * @param message Receipt message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.Receipt.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Receipt message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.Receipt & consilium.v1.Receipt.$Shape} Receipt
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.Receipt & consilium.v1.Receipt.$Shape;
        }

        namespace Receipt {

            /** Properties of a Receipt. */
            interface $Properties {

                /** Receipt accepted */
                accepted?: (consilium.v1.Accepted.$Properties|null);

                /** Receipt duplicate */
                duplicate?: (consilium.v1.Duplicate.$Properties|null);

                /** Receipt late */
                late?: (consilium.v1.Late.$Properties|null);

                /** Receipt refused */
                refused?: (consilium.v1.Refused.$Properties|null);

                /** Receipt kind */
                kind?: ("accepted"|"duplicate"|"late"|"refused");

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Narrowed shape of a Receipt. */
            type $Shape = {
              accepted?: consilium.v1.Accepted.$Shape|null;
              duplicate?: consilium.v1.Duplicate.$Shape|null;
              late?: consilium.v1.Late.$Shape|null;
              refused?: consilium.v1.Refused.$Shape|null;
              $unknowns?: Uint8Array[];
            } & (
              ({ kind?: undefined; accepted?: null; duplicate?: null; late?: null; refused?: null }|{ kind?: "accepted"; accepted: consilium.v1.Accepted.$Shape; duplicate?: null; late?: null; refused?: null }|{ kind?: "duplicate"; accepted?: null; duplicate: consilium.v1.Duplicate.$Shape; late?: null; refused?: null }|{ kind?: "late"; accepted?: null; duplicate?: null; late: consilium.v1.Late.$Shape; refused?: null }|{ kind?: "refused"; accepted?: null; duplicate?: null; late?: null; refused: consilium.v1.Refused.$Shape })
            );
        }

        /**
         * Properties of an Accepted.
         * @deprecated Use consilium.v1.Accepted.$Properties instead.
         */
        interface IAccepted extends consilium.v1.Accepted.$Properties {
        }

        /** Represents an Accepted. */
        class Accepted {

            /**
             * Constructs a new Accepted.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.Accepted.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /**
             * Encodes the specified Accepted message. Does not implicitly {@link consilium.v1.Accepted.verify|verify} messages.
             * @param message Accepted message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.Accepted.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an Accepted message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.Accepted & consilium.v1.Accepted.$Shape} Accepted
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.Accepted & consilium.v1.Accepted.$Shape;
        }

        namespace Accepted {

            /** Properties of an Accepted. */
            interface $Properties {

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an Accepted. */
            type $Shape = consilium.v1.Accepted.$Properties;
        }

        /**
         * Properties of a Duplicate.
         * @deprecated Use consilium.v1.Duplicate.$Properties instead.
         */
        interface IDuplicate extends consilium.v1.Duplicate.$Properties {
        }

        /** Represents a Duplicate. */
        class Duplicate {

            /**
             * Constructs a new Duplicate.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.Duplicate.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /**
             * Encodes the specified Duplicate message. Does not implicitly {@link consilium.v1.Duplicate.verify|verify} messages.
             * @param message Duplicate message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.Duplicate.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Duplicate message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.Duplicate & consilium.v1.Duplicate.$Shape} Duplicate
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.Duplicate & consilium.v1.Duplicate.$Shape;
        }

        namespace Duplicate {

            /** Properties of a Duplicate. */
            interface $Properties {

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Duplicate. */
            type $Shape = consilium.v1.Duplicate.$Properties;
        }

        /**
         * Properties of a Late.
         * @deprecated Use consilium.v1.Late.$Properties instead.
         */
        interface ILate extends consilium.v1.Late.$Properties {
        }

        /** Represents a Late. */
        class Late {

            /**
             * Constructs a new Late.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.Late.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Late openRound. */
            openRound: number;

            /**
             * Encodes the specified Late message. Does not implicitly {@link consilium.v1.Late.verify|verify} messages.
             * @param message Late message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.Late.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Late message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.Late & consilium.v1.Late.$Shape} Late
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.Late & consilium.v1.Late.$Shape;
        }

        namespace Late {

            /** Properties of a Late. */
            interface $Properties {

                /** Late openRound */
                openRound?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Late. */
            type $Shape = consilium.v1.Late.$Properties;
        }

        /**
         * Properties of a Refused.
         * @deprecated Use consilium.v1.Refused.$Properties instead.
         */
        interface IRefused extends consilium.v1.Refused.$Properties {
        }

        /** Represents a Refused. */
        class Refused {

            /**
             * Constructs a new Refused.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.Refused.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Refused reason. */
            reason: string;

            /**
             * Encodes the specified Refused message. Does not implicitly {@link consilium.v1.Refused.verify|verify} messages.
             * @param message Refused message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.Refused.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Refused message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.Refused & consilium.v1.Refused.$Shape} Refused
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.Refused & consilium.v1.Refused.$Shape;
        }

        namespace Refused {

            /** Properties of a Refused. */
            interface $Properties {

                /** Refused reason */
                reason?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Refused. */
            type $Shape = consilium.v1.Refused.$Properties;
        }

        /**
         * Properties of a DeclineRequest.
         * @deprecated Use consilium.v1.DeclineRequest.$Properties instead.
         */
        interface IDeclineRequest extends consilium.v1.DeclineRequest.$Properties {
        }

        /** Represents a DeclineRequest. */
        class DeclineRequest {

            /**
             * Constructs a new DeclineRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.DeclineRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** DeclineRequest studyHash. */
            studyHash: Uint8Array;

            /** DeclineRequest site. */
            site: string;

            /** DeclineRequest round. */
            round: number;

            /**
             * Encodes the specified DeclineRequest message. Does not implicitly {@link consilium.v1.DeclineRequest.verify|verify} messages.
             * @param message DeclineRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.DeclineRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a DeclineRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.DeclineRequest & consilium.v1.DeclineRequest.$Shape} DeclineRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.DeclineRequest & consilium.v1.DeclineRequest.$Shape;
        }

        namespace DeclineRequest {

            /** Properties of a DeclineRequest. */
            interface $Properties {

                /** DeclineRequest studyHash */
                studyHash?: (Uint8Array|null);

                /** DeclineRequest site */
                site?: (string|null);

                /** DeclineRequest round */
                round?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a DeclineRequest. */
            type $Shape = consilium.v1.DeclineRequest.$Properties;
        }

        /**
         * Properties of a ProgressRequest.
         * @deprecated Use consilium.v1.ProgressRequest.$Properties instead.
         */
        interface IProgressRequest extends consilium.v1.ProgressRequest.$Properties {
        }

        /** Represents a ProgressRequest. */
        class ProgressRequest {

            /**
             * Constructs a new ProgressRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.ProgressRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ProgressRequest studyHash. */
            studyHash: Uint8Array;

            /** ProgressRequest site. */
            site: string;

            /** ProgressRequest round. */
            round: number;

            /** ProgressRequest step. */
            step: number;

            /** ProgressRequest totalSteps. */
            totalSteps: number;

            /**
             * Encodes the specified ProgressRequest message. Does not implicitly {@link consilium.v1.ProgressRequest.verify|verify} messages.
             * @param message ProgressRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.ProgressRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ProgressRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.ProgressRequest & consilium.v1.ProgressRequest.$Shape} ProgressRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.ProgressRequest & consilium.v1.ProgressRequest.$Shape;
        }

        namespace ProgressRequest {

            /** Properties of a ProgressRequest. */
            interface $Properties {

                /** ProgressRequest studyHash */
                studyHash?: (Uint8Array|null);

                /** ProgressRequest site */
                site?: (string|null);

                /** ProgressRequest round */
                round?: (number|null);

                /** ProgressRequest step */
                step?: (number|null);

                /** ProgressRequest totalSteps */
                totalSteps?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ProgressRequest. */
            type $Shape = consilium.v1.ProgressRequest.$Properties;
        }

        /** SecurePurpose enum. */
        enum SecurePurpose {

            /** SECURE_PURPOSE_UNSPECIFIED value */
            SECURE_PURPOSE_UNSPECIFIED = 0,

            /** SECURE_PURPOSE_CENSUS value */
            SECURE_PURPOSE_CENSUS = 1,

            /** SECURE_PURPOSE_TRAIN value */
            SECURE_PURPOSE_TRAIN = 2,

            /** SECURE_PURPOSE_EVALUATE value */
            SECURE_PURPOSE_EVALUATE = 3,

            /** SECURE_PURPOSE_VOTE value */
            SECURE_PURPOSE_VOTE = 4,

            /** SECURE_PURPOSE_FINAL_TEST value */
            SECURE_PURPOSE_FINAL_TEST = 5
        }

        /**
         * Properties of a SecureContext.
         * @deprecated Use consilium.v1.SecureContext.$Properties instead.
         */
        interface ISecureContext extends consilium.v1.SecureContext.$Properties {
        }

        /** Represents a SecureContext. */
        class SecureContext {

            /**
             * Constructs a new SecureContext.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.SecureContext.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SecureContext studyHash. */
            studyHash: Uint8Array;

            /** SecureContext round. */
            round: number;

            /** SecureContext attempt. */
            attempt: number;

            /** SecureContext purpose. */
            purpose: consilium.v1.SecurePurpose;

            /** SecureContext rosterVersion. */
            rosterVersion: number;

            /** SecureContext modelHash. */
            modelHash: Uint8Array;

            /** SecureContext blocks. */
            blocks: consilium.v1.SecureBlock.$Properties[];

            /** SecureContext iteration. */
            iteration?: (number|null);

            /**
             * Encodes the specified SecureContext message. Does not implicitly {@link consilium.v1.SecureContext.verify|verify} messages.
             * @param message SecureContext message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.SecureContext.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SecureContext message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.SecureContext & consilium.v1.SecureContext.$Shape} SecureContext
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.SecureContext & consilium.v1.SecureContext.$Shape;
        }

        namespace SecureContext {

            /** Properties of a SecureContext. */
            interface $Properties {

                /** SecureContext studyHash */
                studyHash?: (Uint8Array|null);

                /** SecureContext round */
                round?: (number|null);

                /** SecureContext attempt */
                attempt?: (number|null);

                /** SecureContext purpose */
                purpose?: (consilium.v1.SecurePurpose|null);

                /** SecureContext rosterVersion */
                rosterVersion?: (number|null);

                /** SecureContext modelHash */
                modelHash?: (Uint8Array|null);

                /** SecureContext blocks */
                blocks?: (consilium.v1.SecureBlock.$Properties[]|null);

                /** SecureContext iteration */
                iteration?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SecureContext. */
            type $Shape = consilium.v1.SecureContext.$Properties;
        }

        /**
         * Properties of a SecureBlock.
         * @deprecated Use consilium.v1.SecureBlock.$Properties instead.
         */
        interface ISecureBlock extends consilium.v1.SecureBlock.$Properties {
        }

        /** Represents a SecureBlock. */
        class SecureBlock {

            /**
             * Constructs a new SecureBlock.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.SecureBlock.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SecureBlock block. */
            block: string;

            /** SecureBlock length. */
            length: number;

            /** SecureBlock clip. */
            clip: number;

            /** SecureBlock registered. */
            registered: number;

            /** SecureBlock censusEpoch. */
            censusEpoch: number;

            /** SecureBlock kMin. */
            kMin: number;

            /** SecureBlock base. */
            base: Uint8Array;

            /** SecureBlock earlier. */
            earlier?: (consilium.v1.EarlierSum.$Properties|null);

            /**
             * Encodes the specified SecureBlock message. Does not implicitly {@link consilium.v1.SecureBlock.verify|verify} messages.
             * @param message SecureBlock message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.SecureBlock.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SecureBlock message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.SecureBlock & consilium.v1.SecureBlock.$Shape} SecureBlock
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.SecureBlock & consilium.v1.SecureBlock.$Shape;
        }

        namespace SecureBlock {

            /** Properties of a SecureBlock. */
            interface $Properties {

                /** SecureBlock block */
                block?: (string|null);

                /** SecureBlock length */
                length?: (number|null);

                /** SecureBlock clip */
                clip?: (number|null);

                /** SecureBlock registered */
                registered?: (number|null);

                /** SecureBlock censusEpoch */
                censusEpoch?: (number|null);

                /** SecureBlock kMin */
                kMin?: (number|null);

                /** SecureBlock base */
                base?: (Uint8Array|null);

                /** SecureBlock earlier */
                earlier?: (consilium.v1.EarlierSum.$Properties|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SecureBlock. */
            type $Shape = consilium.v1.SecureBlock.$Properties;
        }

        /**
         * Properties of an EarlierSum.
         * @deprecated Use consilium.v1.EarlierSum.$Properties instead.
         */
        interface IEarlierSum extends consilium.v1.EarlierSum.$Properties {
        }

        /** Represents an EarlierSum. */
        class EarlierSum {

            /**
             * Constructs a new EarlierSum.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.EarlierSum.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** EarlierSum transcript. */
            transcript: Uint8Array;

            /** EarlierSum sum. */
            sum: Uint8Array;

            /** EarlierSum weight. */
            weight: number;

            /** EarlierSum survivors. */
            survivors: string;

            /**
             * Encodes the specified EarlierSum message. Does not implicitly {@link consilium.v1.EarlierSum.verify|verify} messages.
             * @param message EarlierSum message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.EarlierSum.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an EarlierSum message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.EarlierSum & consilium.v1.EarlierSum.$Shape} EarlierSum
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.EarlierSum & consilium.v1.EarlierSum.$Shape;
        }

        namespace EarlierSum {

            /** Properties of an EarlierSum. */
            interface $Properties {

                /** EarlierSum transcript */
                transcript?: (Uint8Array|null);

                /** EarlierSum sum */
                sum?: (Uint8Array|null);

                /** EarlierSum weight */
                weight?: (number|null);

                /** EarlierSum survivors */
                survivors?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an EarlierSum. */
            type $Shape = consilium.v1.EarlierSum.$Properties;
        }

        /**
         * Properties of a SecureMessage.
         * @deprecated Use consilium.v1.SecureMessage.$Properties instead.
         */
        interface ISecureMessage extends consilium.v1.SecureMessage.$Properties {
        }

        /** Represents a SecureMessage. */
        class SecureMessage {

            /**
             * Constructs a new SecureMessage.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.SecureMessage.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SecureMessage site. */
            site: string;

            /** SecureMessage body. */
            body: Uint8Array;

            /** SecureMessage signature. */
            signature: Uint8Array;

            /**
             * Encodes the specified SecureMessage message. Does not implicitly {@link consilium.v1.SecureMessage.verify|verify} messages.
             * @param message SecureMessage message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.SecureMessage.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SecureMessage message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.SecureMessage & consilium.v1.SecureMessage.$Shape} SecureMessage
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.SecureMessage & consilium.v1.SecureMessage.$Shape;
        }

        namespace SecureMessage {

            /** Properties of a SecureMessage. */
            interface $Properties {

                /** SecureMessage site */
                site?: (string|null);

                /** SecureMessage body */
                body?: (Uint8Array|null);

                /** SecureMessage signature */
                signature?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SecureMessage. */
            type $Shape = consilium.v1.SecureMessage.$Properties;
        }

        /**
         * Properties of an Advertisement.
         * @deprecated Use consilium.v1.Advertisement.$Properties instead.
         */
        interface IAdvertisement extends consilium.v1.Advertisement.$Properties {
        }

        /** Represents an Advertisement. */
        class Advertisement {

            /**
             * Constructs a new Advertisement.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.Advertisement.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Advertisement session. */
            session: Uint8Array;

            /** Advertisement boxKey. */
            boxKey: Uint8Array;

            /** Advertisement blocks. */
            blocks: consilium.v1.AdvertisedBlock.$Properties[];

            /**
             * Encodes the specified Advertisement message. Does not implicitly {@link consilium.v1.Advertisement.verify|verify} messages.
             * @param message Advertisement message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.Advertisement.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an Advertisement message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.Advertisement & consilium.v1.Advertisement.$Shape} Advertisement
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.Advertisement & consilium.v1.Advertisement.$Shape;
        }

        namespace Advertisement {

            /** Properties of an Advertisement. */
            interface $Properties {

                /** Advertisement session */
                session?: (Uint8Array|null);

                /** Advertisement boxKey */
                boxKey?: (Uint8Array|null);

                /** Advertisement blocks */
                blocks?: (consilium.v1.AdvertisedBlock.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an Advertisement. */
            type $Shape = consilium.v1.Advertisement.$Properties;
        }

        /**
         * Properties of an AdvertisedBlock.
         * @deprecated Use consilium.v1.AdvertisedBlock.$Properties instead.
         */
        interface IAdvertisedBlock extends consilium.v1.AdvertisedBlock.$Properties {
        }

        /** Represents an AdvertisedBlock. */
        class AdvertisedBlock {

            /**
             * Constructs a new AdvertisedBlock.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.AdvertisedBlock.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** AdvertisedBlock block. */
            block: string;

            /** AdvertisedBlock maskKey. */
            maskKey: Uint8Array;

            /** AdvertisedBlock kMin. */
            kMin: number;

            /**
             * Encodes the specified AdvertisedBlock message. Does not implicitly {@link consilium.v1.AdvertisedBlock.verify|verify} messages.
             * @param message AdvertisedBlock message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.AdvertisedBlock.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an AdvertisedBlock message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.AdvertisedBlock & consilium.v1.AdvertisedBlock.$Shape} AdvertisedBlock
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.AdvertisedBlock & consilium.v1.AdvertisedBlock.$Shape;
        }

        namespace AdvertisedBlock {

            /** Properties of an AdvertisedBlock. */
            interface $Properties {

                /** AdvertisedBlock block */
                block?: (string|null);

                /** AdvertisedBlock maskKey */
                maskKey?: (Uint8Array|null);

                /** AdvertisedBlock kMin */
                kMin?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an AdvertisedBlock. */
            type $Shape = consilium.v1.AdvertisedBlock.$Properties;
        }

        /**
         * Properties of a SharesMessage.
         * @deprecated Use consilium.v1.SharesMessage.$Properties instead.
         */
        interface ISharesMessage extends consilium.v1.SharesMessage.$Properties {
        }

        /** Represents a SharesMessage. */
        class SharesMessage {

            /**
             * Constructs a new SharesMessage.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.SharesMessage.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SharesMessage session. */
            session: Uint8Array;

            /** SharesMessage transcriptSignature. */
            transcriptSignature: Uint8Array;

            /** SharesMessage boxes. */
            boxes: consilium.v1.PeerBox.$Properties[];

            /** SharesMessage commitments. */
            commitments: consilium.v1.BlockCommitments.$Properties[];

            /**
             * Encodes the specified SharesMessage message. Does not implicitly {@link consilium.v1.SharesMessage.verify|verify} messages.
             * @param message SharesMessage message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.SharesMessage.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SharesMessage message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.SharesMessage & consilium.v1.SharesMessage.$Shape} SharesMessage
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.SharesMessage & consilium.v1.SharesMessage.$Shape;
        }

        namespace SharesMessage {

            /** Properties of a SharesMessage. */
            interface $Properties {

                /** SharesMessage session */
                session?: (Uint8Array|null);

                /** SharesMessage transcriptSignature */
                transcriptSignature?: (Uint8Array|null);

                /** SharesMessage boxes */
                boxes?: (consilium.v1.PeerBox.$Properties[]|null);

                /** SharesMessage commitments */
                commitments?: (consilium.v1.BlockCommitments.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SharesMessage. */
            type $Shape = consilium.v1.SharesMessage.$Properties;
        }

        /**
         * Properties of a PeerBox.
         * @deprecated Use consilium.v1.PeerBox.$Properties instead.
         */
        interface IPeerBox extends consilium.v1.PeerBox.$Properties {
        }

        /** Represents a PeerBox. */
        class PeerBox {

            /**
             * Constructs a new PeerBox.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.PeerBox.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** PeerBox peer. */
            peer: string;

            /** PeerBox sealed. */
            sealed: Uint8Array;

            /**
             * Encodes the specified PeerBox message. Does not implicitly {@link consilium.v1.PeerBox.verify|verify} messages.
             * @param message PeerBox message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.PeerBox.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a PeerBox message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.PeerBox & consilium.v1.PeerBox.$Shape} PeerBox
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.PeerBox & consilium.v1.PeerBox.$Shape;
        }

        namespace PeerBox {

            /** Properties of a PeerBox. */
            interface $Properties {

                /** PeerBox peer */
                peer?: (string|null);

                /** PeerBox sealed */
                sealed?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a PeerBox. */
            type $Shape = consilium.v1.PeerBox.$Properties;
        }

        /**
         * Properties of a BlockCommitments.
         * @deprecated Use consilium.v1.BlockCommitments.$Properties instead.
         */
        interface IBlockCommitments extends consilium.v1.BlockCommitments.$Properties {
        }

        /** Represents a BlockCommitments. */
        class BlockCommitments {

            /**
             * Constructs a new BlockCommitments.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.BlockCommitments.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** BlockCommitments block. */
            block: string;

            /** BlockCommitments seed. */
            seed: Uint8Array;

            /** BlockCommitments keyShares. */
            keyShares: Uint8Array;

            /** BlockCommitments seedShares. */
            seedShares: Uint8Array;

            /**
             * Encodes the specified BlockCommitments message. Does not implicitly {@link consilium.v1.BlockCommitments.verify|verify} messages.
             * @param message BlockCommitments message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.BlockCommitments.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a BlockCommitments message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.BlockCommitments & consilium.v1.BlockCommitments.$Shape} BlockCommitments
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.BlockCommitments & consilium.v1.BlockCommitments.$Shape;
        }

        namespace BlockCommitments {

            /** Properties of a BlockCommitments. */
            interface $Properties {

                /** BlockCommitments block */
                block?: (string|null);

                /** BlockCommitments seed */
                seed?: (Uint8Array|null);

                /** BlockCommitments keyShares */
                keyShares?: (Uint8Array|null);

                /** BlockCommitments seedShares */
                seedShares?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a BlockCommitments. */
            type $Shape = consilium.v1.BlockCommitments.$Properties;
        }

        /**
         * Properties of a SharedSecrets.
         * @deprecated Use consilium.v1.SharedSecrets.$Properties instead.
         */
        interface ISharedSecrets extends consilium.v1.SharedSecrets.$Properties {
        }

        /** Represents a SharedSecrets. */
        class SharedSecrets {

            /**
             * Constructs a new SharedSecrets.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.SharedSecrets.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SharedSecrets transcript. */
            transcript: Uint8Array;

            /** SharedSecrets from. */
            from: string;

            /** SharedSecrets to. */
            to: string;

            /** SharedSecrets blocks. */
            blocks: consilium.v1.BlockShares.$Properties[];

            /**
             * Encodes the specified SharedSecrets message. Does not implicitly {@link consilium.v1.SharedSecrets.verify|verify} messages.
             * @param message SharedSecrets message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.SharedSecrets.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SharedSecrets message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.SharedSecrets & consilium.v1.SharedSecrets.$Shape} SharedSecrets
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.SharedSecrets & consilium.v1.SharedSecrets.$Shape;
        }

        namespace SharedSecrets {

            /** Properties of a SharedSecrets. */
            interface $Properties {

                /** SharedSecrets transcript */
                transcript?: (Uint8Array|null);

                /** SharedSecrets from */
                from?: (string|null);

                /** SharedSecrets to */
                to?: (string|null);

                /** SharedSecrets blocks */
                blocks?: (consilium.v1.BlockShares.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SharedSecrets. */
            type $Shape = consilium.v1.SharedSecrets.$Properties;
        }

        /**
         * Properties of a BlockShares.
         * @deprecated Use consilium.v1.BlockShares.$Properties instead.
         */
        interface IBlockShares extends consilium.v1.BlockShares.$Properties {
        }

        /** Represents a BlockShares. */
        class BlockShares {

            /**
             * Constructs a new BlockShares.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.BlockShares.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** BlockShares block. */
            block: string;

            /** BlockShares keyShare. */
            keyShare: Uint8Array;

            /** BlockShares seedShare. */
            seedShare: Uint8Array;

            /**
             * Encodes the specified BlockShares message. Does not implicitly {@link consilium.v1.BlockShares.verify|verify} messages.
             * @param message BlockShares message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.BlockShares.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a BlockShares message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.BlockShares & consilium.v1.BlockShares.$Shape} BlockShares
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.BlockShares & consilium.v1.BlockShares.$Shape;
        }

        namespace BlockShares {

            /** Properties of a BlockShares. */
            interface $Properties {

                /** BlockShares block */
                block?: (string|null);

                /** BlockShares keyShare */
                keyShare?: (Uint8Array|null);

                /** BlockShares seedShare */
                seedShare?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a BlockShares. */
            type $Shape = consilium.v1.BlockShares.$Properties;
        }

        /**
         * Properties of a Delivery.
         * @deprecated Use consilium.v1.Delivery.$Properties instead.
         */
        interface IDelivery extends consilium.v1.Delivery.$Properties {
        }

        /** Represents a Delivery. */
        class Delivery {

            /**
             * Constructs a new Delivery.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.Delivery.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Delivery from. */
            from: string;

            /** Delivery transcriptSignature. */
            transcriptSignature: Uint8Array;

            /** Delivery sealed. */
            sealed: Uint8Array;

            /** Delivery commitments. */
            commitments: consilium.v1.DeliveredCommitments.$Properties[];

            /**
             * Encodes the specified Delivery message. Does not implicitly {@link consilium.v1.Delivery.verify|verify} messages.
             * @param message Delivery message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.Delivery.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Delivery message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.Delivery & consilium.v1.Delivery.$Shape} Delivery
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.Delivery & consilium.v1.Delivery.$Shape;
        }

        namespace Delivery {

            /** Properties of a Delivery. */
            interface $Properties {

                /** Delivery from */
                from?: (string|null);

                /** Delivery transcriptSignature */
                transcriptSignature?: (Uint8Array|null);

                /** Delivery sealed */
                sealed?: (Uint8Array|null);

                /** Delivery commitments */
                commitments?: (consilium.v1.DeliveredCommitments.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Delivery. */
            type $Shape = consilium.v1.Delivery.$Properties;
        }

        /**
         * Properties of a DeliveredCommitments.
         * @deprecated Use consilium.v1.DeliveredCommitments.$Properties instead.
         */
        interface IDeliveredCommitments extends consilium.v1.DeliveredCommitments.$Properties {
        }

        /** Represents a DeliveredCommitments. */
        class DeliveredCommitments {

            /**
             * Constructs a new DeliveredCommitments.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.DeliveredCommitments.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** DeliveredCommitments block. */
            block: string;

            /** DeliveredCommitments keyShare. */
            keyShare: Uint8Array;

            /** DeliveredCommitments seedShare. */
            seedShare: Uint8Array;

            /**
             * Encodes the specified DeliveredCommitments message. Does not implicitly {@link consilium.v1.DeliveredCommitments.verify|verify} messages.
             * @param message DeliveredCommitments message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.DeliveredCommitments.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a DeliveredCommitments message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.DeliveredCommitments & consilium.v1.DeliveredCommitments.$Shape} DeliveredCommitments
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.DeliveredCommitments & consilium.v1.DeliveredCommitments.$Shape;
        }

        namespace DeliveredCommitments {

            /** Properties of a DeliveredCommitments. */
            interface $Properties {

                /** DeliveredCommitments block */
                block?: (string|null);

                /** DeliveredCommitments keyShare */
                keyShare?: (Uint8Array|null);

                /** DeliveredCommitments seedShare */
                seedShare?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a DeliveredCommitments. */
            type $Shape = consilium.v1.DeliveredCommitments.$Properties;
        }

        /**
         * Properties of a Confirmation.
         * @deprecated Use consilium.v1.Confirmation.$Properties instead.
         */
        interface IConfirmation extends consilium.v1.Confirmation.$Properties {
        }

        /** Represents a Confirmation. */
        class Confirmation {

            /**
             * Constructs a new Confirmation.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.Confirmation.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Confirmation session. */
            session: Uint8Array;

            /** Confirmation blocks. */
            blocks: consilium.v1.ConfirmedBlock.$Properties[];

            /**
             * Encodes the specified Confirmation message. Does not implicitly {@link consilium.v1.Confirmation.verify|verify} messages.
             * @param message Confirmation message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.Confirmation.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Confirmation message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.Confirmation & consilium.v1.Confirmation.$Shape} Confirmation
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.Confirmation & consilium.v1.Confirmation.$Shape;
        }

        namespace Confirmation {

            /** Properties of a Confirmation. */
            interface $Properties {

                /** Confirmation session */
                session?: (Uint8Array|null);

                /** Confirmation blocks */
                blocks?: (consilium.v1.ConfirmedBlock.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Confirmation. */
            type $Shape = consilium.v1.Confirmation.$Properties;
        }

        /**
         * Properties of a ConfirmedBlock.
         * @deprecated Use consilium.v1.ConfirmedBlock.$Properties instead.
         */
        interface IConfirmedBlock extends consilium.v1.ConfirmedBlock.$Properties {
        }

        /** Represents a ConfirmedBlock. */
        class ConfirmedBlock {

            /**
             * Constructs a new ConfirmedBlock.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.ConfirmedBlock.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ConfirmedBlock block. */
            block: string;

            /** ConfirmedBlock holders. */
            holders: Uint8Array;

            /**
             * Encodes the specified ConfirmedBlock message. Does not implicitly {@link consilium.v1.ConfirmedBlock.verify|verify} messages.
             * @param message ConfirmedBlock message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.ConfirmedBlock.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ConfirmedBlock message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.ConfirmedBlock & consilium.v1.ConfirmedBlock.$Shape} ConfirmedBlock
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.ConfirmedBlock & consilium.v1.ConfirmedBlock.$Shape;
        }

        namespace ConfirmedBlock {

            /** Properties of a ConfirmedBlock. */
            interface $Properties {

                /** ConfirmedBlock block */
                block?: (string|null);

                /** ConfirmedBlock holders */
                holders?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ConfirmedBlock. */
            type $Shape = consilium.v1.ConfirmedBlock.$Properties;
        }

        /**
         * Properties of a MaskedManifest.
         * @deprecated Use consilium.v1.MaskedManifest.$Properties instead.
         */
        interface IMaskedManifest extends consilium.v1.MaskedManifest.$Properties {
        }

        /** Represents a MaskedManifest. */
        class MaskedManifest {

            /**
             * Constructs a new MaskedManifest.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.MaskedManifest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** MaskedManifest session. */
            session: Uint8Array;

            /** MaskedManifest blocks. */
            blocks: consilium.v1.MaskedBlock.$Properties[];

            /**
             * Encodes the specified MaskedManifest message. Does not implicitly {@link consilium.v1.MaskedManifest.verify|verify} messages.
             * @param message MaskedManifest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.MaskedManifest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a MaskedManifest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.MaskedManifest & consilium.v1.MaskedManifest.$Shape} MaskedManifest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.MaskedManifest & consilium.v1.MaskedManifest.$Shape;
        }

        namespace MaskedManifest {

            /** Properties of a MaskedManifest. */
            interface $Properties {

                /** MaskedManifest session */
                session?: (Uint8Array|null);

                /** MaskedManifest blocks */
                blocks?: (consilium.v1.MaskedBlock.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a MaskedManifest. */
            type $Shape = consilium.v1.MaskedManifest.$Properties;
        }

        /**
         * Properties of a MaskedBlock.
         * @deprecated Use consilium.v1.MaskedBlock.$Properties instead.
         */
        interface IMaskedBlock extends consilium.v1.MaskedBlock.$Properties {
        }

        /** Represents a MaskedBlock. */
        class MaskedBlock {

            /**
             * Constructs a new MaskedBlock.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.MaskedBlock.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** MaskedBlock block. */
            block: string;

            /** MaskedBlock cohort. */
            cohort: Uint8Array;

            /** MaskedBlock length. */
            length: number;

            /** MaskedBlock vector. */
            vector: Uint8Array;

            /**
             * Encodes the specified MaskedBlock message. Does not implicitly {@link consilium.v1.MaskedBlock.verify|verify} messages.
             * @param message MaskedBlock message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.MaskedBlock.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a MaskedBlock message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.MaskedBlock & consilium.v1.MaskedBlock.$Shape} MaskedBlock
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.MaskedBlock & consilium.v1.MaskedBlock.$Shape;
        }

        namespace MaskedBlock {

            /** Properties of a MaskedBlock. */
            interface $Properties {

                /** MaskedBlock block */
                block?: (string|null);

                /** MaskedBlock cohort */
                cohort?: (Uint8Array|null);

                /** MaskedBlock length */
                length?: (number|null);

                /** MaskedBlock vector */
                vector?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a MaskedBlock. */
            type $Shape = consilium.v1.MaskedBlock.$Properties;
        }

        /**
         * Properties of an Agreement.
         * @deprecated Use consilium.v1.Agreement.$Properties instead.
         */
        interface IAgreement extends consilium.v1.Agreement.$Properties {
        }

        /** Represents an Agreement. */
        class Agreement {

            /**
             * Constructs a new Agreement.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.Agreement.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Agreement session. */
            session: Uint8Array;

            /** Agreement transcript. */
            transcript: Uint8Array;

            /** Agreement blocks. */
            blocks: consilium.v1.SurvivingBlock.$Properties[];

            /**
             * Encodes the specified Agreement message. Does not implicitly {@link consilium.v1.Agreement.verify|verify} messages.
             * @param message Agreement message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.Agreement.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an Agreement message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.Agreement & consilium.v1.Agreement.$Shape} Agreement
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.Agreement & consilium.v1.Agreement.$Shape;
        }

        namespace Agreement {

            /** Properties of an Agreement. */
            interface $Properties {

                /** Agreement session */
                session?: (Uint8Array|null);

                /** Agreement transcript */
                transcript?: (Uint8Array|null);

                /** Agreement blocks */
                blocks?: (consilium.v1.SurvivingBlock.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an Agreement. */
            type $Shape = consilium.v1.Agreement.$Properties;
        }

        /**
         * Properties of a SurvivingBlock.
         * @deprecated Use consilium.v1.SurvivingBlock.$Properties instead.
         */
        interface ISurvivingBlock extends consilium.v1.SurvivingBlock.$Properties {
        }

        /** Represents a SurvivingBlock. */
        class SurvivingBlock {

            /**
             * Constructs a new SurvivingBlock.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.SurvivingBlock.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SurvivingBlock block. */
            block: string;

            /** SurvivingBlock survivors. */
            survivors: Uint8Array;

            /**
             * Encodes the specified SurvivingBlock message. Does not implicitly {@link consilium.v1.SurvivingBlock.verify|verify} messages.
             * @param message SurvivingBlock message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.SurvivingBlock.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SurvivingBlock message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.SurvivingBlock & consilium.v1.SurvivingBlock.$Shape} SurvivingBlock
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.SurvivingBlock & consilium.v1.SurvivingBlock.$Shape;
        }

        namespace SurvivingBlock {

            /** Properties of a SurvivingBlock. */
            interface $Properties {

                /** SurvivingBlock block */
                block?: (string|null);

                /** SurvivingBlock survivors */
                survivors?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SurvivingBlock. */
            type $Shape = consilium.v1.SurvivingBlock.$Properties;
        }

        /**
         * Properties of an Unmasking.
         * @deprecated Use consilium.v1.Unmasking.$Properties instead.
         */
        interface IUnmasking extends consilium.v1.Unmasking.$Properties {
        }

        /** Represents an Unmasking. */
        class Unmasking {

            /**
             * Constructs a new Unmasking.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.Unmasking.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Unmasking session. */
            session: Uint8Array;

            /** Unmasking blocks. */
            blocks: consilium.v1.UnmaskedBlock.$Properties[];

            /**
             * Encodes the specified Unmasking message. Does not implicitly {@link consilium.v1.Unmasking.verify|verify} messages.
             * @param message Unmasking message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.Unmasking.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an Unmasking message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.Unmasking & consilium.v1.Unmasking.$Shape} Unmasking
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.Unmasking & consilium.v1.Unmasking.$Shape;
        }

        namespace Unmasking {

            /** Properties of an Unmasking. */
            interface $Properties {

                /** Unmasking session */
                session?: (Uint8Array|null);

                /** Unmasking blocks */
                blocks?: (consilium.v1.UnmaskedBlock.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an Unmasking. */
            type $Shape = consilium.v1.Unmasking.$Properties;
        }

        /**
         * Properties of an UnmaskedBlock.
         * @deprecated Use consilium.v1.UnmaskedBlock.$Properties instead.
         */
        interface IUnmaskedBlock extends consilium.v1.UnmaskedBlock.$Properties {
        }

        /** Represents an UnmaskedBlock. */
        class UnmaskedBlock {

            /**
             * Constructs a new UnmaskedBlock.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.UnmaskedBlock.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** UnmaskedBlock block. */
            block: string;

            /** UnmaskedBlock shares. */
            shares: Uint8Array;

            /**
             * Encodes the specified UnmaskedBlock message. Does not implicitly {@link consilium.v1.UnmaskedBlock.verify|verify} messages.
             * @param message UnmaskedBlock message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.UnmaskedBlock.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an UnmaskedBlock message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.UnmaskedBlock & consilium.v1.UnmaskedBlock.$Shape} UnmaskedBlock
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.UnmaskedBlock & consilium.v1.UnmaskedBlock.$Shape;
        }

        namespace UnmaskedBlock {

            /** Properties of an UnmaskedBlock. */
            interface $Properties {

                /** UnmaskedBlock block */
                block?: (string|null);

                /** UnmaskedBlock shares */
                shares?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an UnmaskedBlock. */
            type $Shape = consilium.v1.UnmaskedBlock.$Properties;
        }

        /**
         * Properties of a SecureMessages.
         * @deprecated Use consilium.v1.SecureMessages.$Properties instead.
         */
        interface ISecureMessages extends consilium.v1.SecureMessages.$Properties {
        }

        /** Represents a SecureMessages. */
        class SecureMessages {

            /**
             * Constructs a new SecureMessages.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.SecureMessages.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SecureMessages messages. */
            messages: consilium.v1.SecureMessage.$Properties[];

            /**
             * Encodes the specified SecureMessages message. Does not implicitly {@link consilium.v1.SecureMessages.verify|verify} messages.
             * @param message SecureMessages message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.SecureMessages.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SecureMessages message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.SecureMessages & consilium.v1.SecureMessages.$Shape} SecureMessages
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.SecureMessages & consilium.v1.SecureMessages.$Shape;
        }

        namespace SecureMessages {

            /** Properties of a SecureMessages. */
            interface $Properties {

                /** SecureMessages messages */
                messages?: (consilium.v1.SecureMessage.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SecureMessages. */
            type $Shape = consilium.v1.SecureMessages.$Properties;
        }

        /**
         * Properties of a Deliveries.
         * @deprecated Use consilium.v1.Deliveries.$Properties instead.
         */
        interface IDeliveries extends consilium.v1.Deliveries.$Properties {
        }

        /** Represents a Deliveries. */
        class Deliveries {

            /**
             * Constructs a new Deliveries.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.Deliveries.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Deliveries deliveries. */
            deliveries: consilium.v1.Delivery.$Properties[];

            /**
             * Encodes the specified Deliveries message. Does not implicitly {@link consilium.v1.Deliveries.verify|verify} messages.
             * @param message Deliveries message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.Deliveries.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Deliveries message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.Deliveries & consilium.v1.Deliveries.$Shape} Deliveries
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.Deliveries & consilium.v1.Deliveries.$Shape;
        }

        namespace Deliveries {

            /** Properties of a Deliveries. */
            interface $Properties {

                /** Deliveries deliveries */
                deliveries?: (consilium.v1.Delivery.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Deliveries. */
            type $Shape = consilium.v1.Deliveries.$Properties;
        }

        /**
         * Properties of an AgreeTask.
         * @deprecated Use consilium.v1.AgreeTask.$Properties instead.
         */
        interface IAgreeTask extends consilium.v1.AgreeTask.$Properties {
        }

        /** Represents an AgreeTask. */
        class AgreeTask {

            /**
             * Constructs a new AgreeTask.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.AgreeTask.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** AgreeTask confirmations. */
            confirmations: consilium.v1.SecureMessage.$Properties[];

            /** AgreeTask manifests. */
            manifests: consilium.v1.SecureMessage.$Properties[];

            /**
             * Encodes the specified AgreeTask message. Does not implicitly {@link consilium.v1.AgreeTask.verify|verify} messages.
             * @param message AgreeTask message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.AgreeTask.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an AgreeTask message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.AgreeTask & consilium.v1.AgreeTask.$Shape} AgreeTask
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.AgreeTask & consilium.v1.AgreeTask.$Shape;
        }

        namespace AgreeTask {

            /** Properties of an AgreeTask. */
            interface $Properties {

                /** AgreeTask confirmations */
                confirmations?: (consilium.v1.SecureMessage.$Properties[]|null);

                /** AgreeTask manifests */
                manifests?: (consilium.v1.SecureMessage.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an AgreeTask. */
            type $Shape = consilium.v1.AgreeTask.$Properties;
        }

        /**
         * Properties of a SecureTask.
         * @deprecated Use consilium.v1.SecureTask.$Properties instead.
         */
        interface ISecureTask extends consilium.v1.SecureTask.$Properties {
        }

        /** Represents a SecureTask. */
        class SecureTask {

            /**
             * Constructs a new SecureTask.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.SecureTask.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SecureTask advertise. */
            advertise?: (consilium.v1.SecureContext.$Properties|null);

            /** SecureTask share. */
            share?: (consilium.v1.SecureMessages.$Properties|null);

            /** SecureTask confirm. */
            confirm?: (consilium.v1.Deliveries.$Properties|null);

            /** SecureTask mask. */
            mask?: (consilium.v1.SecureMessages.$Properties|null);

            /** SecureTask agree. */
            agree?: (consilium.v1.AgreeTask.$Properties|null);

            /** SecureTask unmask. */
            unmask?: (consilium.v1.SecureMessages.$Properties|null);

            /** SecureTask task. */
            task?: ("advertise"|"share"|"confirm"|"mask"|"agree"|"unmask");

            /**
             * Encodes the specified SecureTask message. Does not implicitly {@link consilium.v1.SecureTask.verify|verify} messages.
             * @param message SecureTask message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.SecureTask.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SecureTask message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.SecureTask & consilium.v1.SecureTask.$Shape} SecureTask
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.SecureTask & consilium.v1.SecureTask.$Shape;
        }

        namespace SecureTask {

            /** Properties of a SecureTask. */
            interface $Properties {

                /** SecureTask advertise */
                advertise?: (consilium.v1.SecureContext.$Properties|null);

                /** SecureTask share */
                share?: (consilium.v1.SecureMessages.$Properties|null);

                /** SecureTask confirm */
                confirm?: (consilium.v1.Deliveries.$Properties|null);

                /** SecureTask mask */
                mask?: (consilium.v1.SecureMessages.$Properties|null);

                /** SecureTask agree */
                agree?: (consilium.v1.AgreeTask.$Properties|null);

                /** SecureTask unmask */
                unmask?: (consilium.v1.SecureMessages.$Properties|null);

                /** SecureTask task */
                task?: ("advertise"|"share"|"confirm"|"mask"|"agree"|"unmask");

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Narrowed shape of a SecureTask. */
            type $Shape = {
              advertise?: consilium.v1.SecureContext.$Shape|null;
              share?: consilium.v1.SecureMessages.$Shape|null;
              confirm?: consilium.v1.Deliveries.$Shape|null;
              mask?: consilium.v1.SecureMessages.$Shape|null;
              agree?: consilium.v1.AgreeTask.$Shape|null;
              unmask?: consilium.v1.SecureMessages.$Shape|null;
              $unknowns?: Uint8Array[];
            } & (
              ({ task?: undefined; advertise?: null; share?: null; confirm?: null; mask?: null; agree?: null; unmask?: null }|{ task?: "advertise"; advertise: consilium.v1.SecureContext.$Shape; share?: null; confirm?: null; mask?: null; agree?: null; unmask?: null }|{ task?: "share"; advertise?: null; share: consilium.v1.SecureMessages.$Shape; confirm?: null; mask?: null; agree?: null; unmask?: null }|{ task?: "confirm"; advertise?: null; share?: null; confirm: consilium.v1.Deliveries.$Shape; mask?: null; agree?: null; unmask?: null }|{ task?: "mask"; advertise?: null; share?: null; confirm?: null; mask: consilium.v1.SecureMessages.$Shape; agree?: null; unmask?: null }|{ task?: "agree"; advertise?: null; share?: null; confirm?: null; mask?: null; agree: consilium.v1.AgreeTask.$Shape; unmask?: null }|{ task?: "unmask"; advertise?: null; share?: null; confirm?: null; mask?: null; agree?: null; unmask: consilium.v1.SecureMessages.$Shape })
            );
        }

        /**
         * Properties of a ChallengeRequest.
         * @deprecated Use consilium.v1.ChallengeRequest.$Properties instead.
         */
        interface IChallengeRequest extends consilium.v1.ChallengeRequest.$Properties {
        }

        /** Represents a ChallengeRequest. */
        class ChallengeRequest {

            /**
             * Constructs a new ChallengeRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.ChallengeRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /**
             * Encodes the specified ChallengeRequest message. Does not implicitly {@link consilium.v1.ChallengeRequest.verify|verify} messages.
             * @param message ChallengeRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.ChallengeRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ChallengeRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.ChallengeRequest & consilium.v1.ChallengeRequest.$Shape} ChallengeRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.ChallengeRequest & consilium.v1.ChallengeRequest.$Shape;
        }

        namespace ChallengeRequest {

            /** Properties of a ChallengeRequest. */
            interface $Properties {

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ChallengeRequest. */
            type $Shape = consilium.v1.ChallengeRequest.$Properties;
        }

        /**
         * Properties of a ChallengeReply.
         * @deprecated Use consilium.v1.ChallengeReply.$Properties instead.
         */
        interface IChallengeReply extends consilium.v1.ChallengeReply.$Properties {
        }

        /** Represents a ChallengeReply. */
        class ChallengeReply {

            /**
             * Constructs a new ChallengeReply.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.ChallengeReply.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ChallengeReply challenge. */
            challenge: Uint8Array;

            /**
             * Encodes the specified ChallengeReply message. Does not implicitly {@link consilium.v1.ChallengeReply.verify|verify} messages.
             * @param message ChallengeReply message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.ChallengeReply.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ChallengeReply message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.ChallengeReply & consilium.v1.ChallengeReply.$Shape} ChallengeReply
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.ChallengeReply & consilium.v1.ChallengeReply.$Shape;
        }

        namespace ChallengeReply {

            /** Properties of a ChallengeReply. */
            interface $Properties {

                /** ChallengeReply challenge */
                challenge?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ChallengeReply. */
            type $Shape = consilium.v1.ChallengeReply.$Properties;
        }

        /**
         * Properties of an OpenSessionRequest.
         * @deprecated Use consilium.v1.OpenSessionRequest.$Properties instead.
         */
        interface IOpenSessionRequest extends consilium.v1.OpenSessionRequest.$Properties {
        }

        /** Represents an OpenSessionRequest. */
        class OpenSessionRequest {

            /**
             * Constructs a new OpenSessionRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.OpenSessionRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** OpenSessionRequest challenge. */
            challenge: Uint8Array;

            /** OpenSessionRequest protocol. */
            protocol?: (consilium.v1.ProtocolWindow.$Properties|null);

            /** OpenSessionRequest software. */
            software: string;

            /**
             * Encodes the specified OpenSessionRequest message. Does not implicitly {@link consilium.v1.OpenSessionRequest.verify|verify} messages.
             * @param message OpenSessionRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.OpenSessionRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an OpenSessionRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.OpenSessionRequest & consilium.v1.OpenSessionRequest.$Shape} OpenSessionRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.OpenSessionRequest & consilium.v1.OpenSessionRequest.$Shape;
        }

        namespace OpenSessionRequest {

            /** Properties of an OpenSessionRequest. */
            interface $Properties {

                /** OpenSessionRequest challenge */
                challenge?: (Uint8Array|null);

                /** OpenSessionRequest protocol */
                protocol?: (consilium.v1.ProtocolWindow.$Properties|null);

                /** OpenSessionRequest software */
                software?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an OpenSessionRequest. */
            type $Shape = consilium.v1.OpenSessionRequest.$Properties;
        }

        /**
         * Properties of a ProtocolWindow.
         * @deprecated Use consilium.v1.ProtocolWindow.$Properties instead.
         */
        interface IProtocolWindow extends consilium.v1.ProtocolWindow.$Properties {
        }

        /** Represents a ProtocolWindow. */
        class ProtocolWindow {

            /**
             * Constructs a new ProtocolWindow.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.ProtocolWindow.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ProtocolWindow min. */
            min: number;

            /** ProtocolWindow max. */
            max: number;

            /**
             * Encodes the specified ProtocolWindow message. Does not implicitly {@link consilium.v1.ProtocolWindow.verify|verify} messages.
             * @param message ProtocolWindow message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.ProtocolWindow.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ProtocolWindow message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.ProtocolWindow & consilium.v1.ProtocolWindow.$Shape} ProtocolWindow
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.ProtocolWindow & consilium.v1.ProtocolWindow.$Shape;
        }

        namespace ProtocolWindow {

            /** Properties of a ProtocolWindow. */
            interface $Properties {

                /** ProtocolWindow min */
                min?: (number|null);

                /** ProtocolWindow max */
                max?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ProtocolWindow. */
            type $Shape = consilium.v1.ProtocolWindow.$Properties;
        }

        /**
         * Properties of an OpenSessionReply.
         * @deprecated Use consilium.v1.OpenSessionReply.$Properties instead.
         */
        interface IOpenSessionReply extends consilium.v1.OpenSessionReply.$Properties {
        }

        /** Represents an OpenSessionReply. */
        class OpenSessionReply {

            /**
             * Constructs a new OpenSessionReply.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.OpenSessionReply.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** OpenSessionReply session. */
            session: Uint8Array;

            /** OpenSessionReply fence. */
            fence: number;

            /** OpenSessionReply expiresMs. */
            expiresMs: number;

            /** OpenSessionReply protocol. */
            protocol?: (consilium.v1.ProtocolWindow.$Properties|null);

            /** OpenSessionReply version. */
            version: number;

            /** OpenSessionReply heads. */
            heads: consilium.v1.LastingSignature.$Properties[];

            /** OpenSessionReply software. */
            software: string;

            /**
             * Encodes the specified OpenSessionReply message. Does not implicitly {@link consilium.v1.OpenSessionReply.verify|verify} messages.
             * @param message OpenSessionReply message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.OpenSessionReply.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an OpenSessionReply message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.OpenSessionReply & consilium.v1.OpenSessionReply.$Shape} OpenSessionReply
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.OpenSessionReply & consilium.v1.OpenSessionReply.$Shape;
        }

        namespace OpenSessionReply {

            /** Properties of an OpenSessionReply. */
            interface $Properties {

                /** OpenSessionReply session */
                session?: (Uint8Array|null);

                /** OpenSessionReply fence */
                fence?: (number|null);

                /** OpenSessionReply expiresMs */
                expiresMs?: (number|null);

                /** OpenSessionReply protocol */
                protocol?: (consilium.v1.ProtocolWindow.$Properties|null);

                /** OpenSessionReply version */
                version?: (number|null);

                /** OpenSessionReply heads */
                heads?: (consilium.v1.LastingSignature.$Properties[]|null);

                /** OpenSessionReply software */
                software?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an OpenSessionReply. */
            type $Shape = consilium.v1.OpenSessionReply.$Properties;
        }

        /**
         * Properties of a CloseSessionRequest.
         * @deprecated Use consilium.v1.CloseSessionRequest.$Properties instead.
         */
        interface ICloseSessionRequest extends consilium.v1.CloseSessionRequest.$Properties {
        }

        /** Represents a CloseSessionRequest. */
        class CloseSessionRequest {

            /**
             * Constructs a new CloseSessionRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.CloseSessionRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /**
             * Encodes the specified CloseSessionRequest message. Does not implicitly {@link consilium.v1.CloseSessionRequest.verify|verify} messages.
             * @param message CloseSessionRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.CloseSessionRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a CloseSessionRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.CloseSessionRequest & consilium.v1.CloseSessionRequest.$Shape} CloseSessionRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.CloseSessionRequest & consilium.v1.CloseSessionRequest.$Shape;
        }

        namespace CloseSessionRequest {

            /** Properties of a CloseSessionRequest. */
            interface $Properties {

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a CloseSessionRequest. */
            type $Shape = consilium.v1.CloseSessionRequest.$Properties;
        }

        /**
         * Properties of an AuditHead.
         * @deprecated Use consilium.v1.AuditHead.$Properties instead.
         */
        interface IAuditHead extends consilium.v1.AuditHead.$Properties {
        }

        /** Represents an AuditHead. */
        class AuditHead {

            /**
             * Constructs a new AuditHead.
             * @param [properties] Properties to set
             */
            constructor(properties?: consilium.v1.AuditHead.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** AuditHead seq. */
            seq: number;

            /** AuditHead head. */
            head: Uint8Array;

            /** AuditHead timeMs. */
            timeMs: number;

            /** AuditHead signature. */
            signature: Uint8Array;

            /**
             * Encodes the specified AuditHead message. Does not implicitly {@link consilium.v1.AuditHead.verify|verify} messages.
             * @param message AuditHead message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: consilium.v1.AuditHead.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an AuditHead message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {consilium.v1.AuditHead & consilium.v1.AuditHead.$Shape} AuditHead
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): consilium.v1.AuditHead & consilium.v1.AuditHead.$Shape;
        }

        namespace AuditHead {

            /** Properties of an AuditHead. */
            interface $Properties {

                /** AuditHead seq */
                seq?: (number|null);

                /** AuditHead head */
                head?: (Uint8Array|null);

                /** AuditHead timeMs */
                timeMs?: (number|null);

                /** AuditHead signature */
                signature?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an AuditHead. */
            type $Shape = consilium.v1.AuditHead.$Properties;
        }
    }
}
