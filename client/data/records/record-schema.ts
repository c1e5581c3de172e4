import { z } from 'zod';
import { paths, text } from '../site-schema-parts.ts';

/** Tables of the site file that are made of clinical records. `error` texts complete "expected …". */

/** Resources of FHIR R4 that say something of a patient. */
const RESOURCES = [
  'AdverseEvent',
  'AllergyIntolerance',
  'CarePlan',
  'ClinicalImpression',
  'Condition',
  'Consent',
  'DeviceUseStatement',
  'DiagnosticReport',
  'DocumentReference',
  'Encounter',
  'EpisodeOfCare',
  'FamilyMemberHistory',
  'Flag',
  'Goal',
  'ImagingStudy',
  'Immunization',
  'Media',
  'MedicationAdministration',
  'MedicationDispense',
  'MedicationRequest',
  'MedicationStatement',
  'NutritionOrder',
  'Observation',
  'Patient',
  'Procedure',
  'QuestionnaireResponse',
  'RiskAssessment',
  'ServiceRequest',
  'Specimen',
] as const;

const columns = z
  .record(text, text)
  .refine((entries) => Object.keys(entries).length > 0, { error: 'at least one column' })
  .refine(
    (entries) => {
      const names = Object.keys(entries).map((name) => name.toLowerCase());
      return new Set(names).size === names.length;
    },
    { error: 'names that differ by more than upper and lower case' },
  );

export const fhirTable = z.strictObject({
  fhir: paths,
  resource: z.enum(RESOURCES),
  where: text.optional(),
  columns,
});

export const hl7Table = z.strictObject({
  hl7: paths,
  row: z
    .string()
    .regex(/^[A-Z][A-Z0-9]{2}$/, { error: 'the name of a segment, as OBX' })
    .default('OBX'),
  columns,
});

export type FhirTableEntry = z.output<typeof fhirTable>;
export type Hl7TableEntry = z.output<typeof hl7Table>;
