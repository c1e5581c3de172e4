/**
 * Patients with one and the same key: one person under two ids, perhaps.
 * @param keysOf what a patient, by position, is compared by; none for nobody's like.
 * @returns groups of two ids or more in the order of `patientIds`, no group twice. For the site's own eyes.
 */
export function patientsAlike(
  patientIds: readonly string[],
  keysOf: (patient: number) => Iterable<string>,
): string[][] {
  const firstOf = new Map<string, number>();
  const groups = new Map<string, Set<number>>();
  for (let patient = 0; patient < patientIds.length; patient++) {
    for (const key of keysOf(patient)) {
      const first = firstOf.get(key) ?? patient;
      firstOf.set(key, first);
      if (first === patient) continue;
      groups.set(key, (groups.get(key) ?? new Set([first])).add(patient));
    }
  }
  const different = new Map([...groups.values()].map((group) => [[...group].join(' '), [...group]]));
  return [...different.values()].map((group) => group.map((patient) => patientIds[patient] as string));
}
