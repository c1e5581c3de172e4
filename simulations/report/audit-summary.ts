import type { AuditReport } from '../audit/audit-report.ts';
import { auditRows } from './audit-rows.ts';
import { duration } from './numbers.ts';

const WIDTH = 100;

/** The audit for a terminal: what was attacked, the result, and beneath it what it means. Ends without a line feed. */
export function auditText(audit: AuditReport): string {
  const blocks = auditRows(audit).map(({ attack, on, result, meaning }) =>
    [...wrapped(`${attack}: ${on}`, 2), ...wrapped(result, 6), ...wrapped(meaning, 6)].join('\n'),
  );
  return [`audit, ${duration(audit.seconds)}`, ...blocks].join('\n');
}

function wrapped(text: string, indent: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && indent + line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map((each) => ' '.repeat(indent) + each);
}
