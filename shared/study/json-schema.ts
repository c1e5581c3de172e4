import { z } from 'zod';
import { studySchema } from './schema.ts';

/** JSON Schema (2020-12) of the study file, for completion in editors; the rules across sections are not in it. */
export function studyJsonSchema(): Record<string, unknown> {
  return { title: 'Consilium study', ...z.toJSONSchema(studySchema, { io: 'input' }) };
}
