import type { AuditReport, GuessedCanaries, InversionAttack, MembershipRow } from '../audit/audit-report.ts';
import { count, decimal, interval, percent, plural } from './numbers.ts';

/** One attack in words. */
export interface AuditRow {
  readonly attack: string;
  /** What was attacked. */
  readonly on: string;
  readonly result: string;
  readonly meaning: string;
}

/** The audit for people, one row for each attack, in the order in which they read. */
export function auditRows(audit: AuditReport): readonly AuditRow[] {
  return [
    ...audit.inversion.attacks.map((attack) => inversionRow(attack, audit)),
    ...claimRows(audit),
    ...membershipRows(audit),
    canaryRow(audit),
  ];
}

function inversionRow(attack: InversionAttack, { inversion }: AuditReport): AuditRow {
  const { recognizedFrom } = inversion;
  const recognized = attack.psnr.filter((each) => each >= recognizedFrom).length;
  return {
    attack: 'pictures from updates',
    on: attack.title,
    result: `${recognized} of ${attack.psnr.length} recognized; best ${decibels(Math.max(...attack.psnr))}`,
    meaning: attack.isStudy ? `${attack.meaning} This is how far this study goes.` : attack.meaning,
  };
}

function claimRows({ claim }: AuditReport): readonly AuditRow[] {
  const at = `${percent(claim.confidence)} sure, delta ${claim.delta}, ${count(claim.canaries)} canaries`;
  const attack = 'membership by updates';
  const bare: AuditRow = {
    attack,
    on: 'updates without clip and noise',
    result: guessWords(claim.bare, at),
    meaning:
      'Control: what the attack can prove where nothing is in its way. It is as strong as this, no stronger.',
  };
  const { claimed, noised } = claim;
  if (claimed === null || noised === null) {
    return [
      { ...bare, meaning: 'This study adds no noise and claims no epsilon; none may be claimed for it.' },
    ];
  }
  const isRefuted = noised.lowerBound > claimed;
  return [
    {
      attack,
      on: `updates with the noise of this study, claim ${decimal(claimed)}`,
      result: guessWords(noised, at),
      meaning: isRefuted
        ? 'THE CLAIM IS REFUTED: do not use this study before the cause is found.'
        : 'The claim stands: this attack did not refute it. A bound from below proves no claim.',
    },
    bare,
  ];
}

function guessWords({ right, guesses, lowerBound }: GuessedCanaries, at: string): string {
  return `${count(right)} of ${count(guesses)} guesses right; epsilon above ${decimal(lowerBound)} (${at})`;
}

function membershipRows({ membership }: AuditReport): readonly AuditRow[] {
  const attack = 'membership by the model';
  if (membership.rows.length === 0) {
    return [{ attack, on: 'published model', result: 'not done', meaning: `Because ${membership.reason}.` }];
  }
  return membership.rows.map((row) => ({
    attack,
    on: `${patternWords(row)}: ${count(row.members)} who trained, ${count(row.others)} who did not`,
    result: `AUC ${decimal(row.auc)} (${interval(row.aucInterval)}); ${tprWords(row)}`,
    meaning:
      (row.aucInterval?.[0] ?? 0) > 0.5
        ? 'The model behaves differently toward those who trained it; that is a trace of them, not yet their names.'
        : 'This attack does not tell who trained the model from who did not. A stronger one might.',
  }));
}

function tprWords({ tpr, tprInterval }: MembershipRow): string {
  if (tpr === null) return 'too few others for 1 % false positives';
  return `${percent(tpr)} found at 1 % false positives (${(tprInterval ?? []).map(percent).join(' to ')})`;
}

export function patternWords({ pattern }: Pick<MembershipRow, 'pattern'>): string {
  return pattern === 'all' ? 'all patients' : `only ${pattern.join(', ')}`;
}

function canaryRow({ canaries }: AuditReport): AuditRow {
  const { hits, planted, messages, bytes, controlFound } = canaries;
  return {
    attack: 'planted words',
    on: `${plural(messages, 'message')} of the sites, ${count(bytes)} bytes, ${count(planted)} planted words`,
    result: `${plural(hits.length, 'hit')}; control ${controlFound ? 'found' : 'NOT FOUND'}`,
    meaning:
      hits.length === 0
        ? 'No patient id and no group of a site was in a message, in plain, UTF-16, hexadecimal or base64. Numbers that stand for a patient are another matter: see above.'
        : `WORDS OF A SITE LEFT IT: ${[...new Set(hits.map(({ site, kind }) => `${site}, ${kind}`))].join('; ')}.`,
  };
}

export function decibels(value: number): string {
  return `${value.toFixed(1)} dB`;
}

/** What the figures of an audit may not be taken for. */
export const AUDIT_LIMITS: readonly string[] = [
  'Attacks that fail prove nothing: they bound what these attackers found, not what another may find.',
  'Nothing here makes a model anonymous, nor a study lawful. It is evidence for those who have to decide.',
  'Pictures and canaries are generated, and each attacker is given more than one has: the weights, the label, the update of a single patient, and which guess is the best.',
  'Secure aggregation hides whose update it is. What a sum tells of a patient, it does not limit; noise does.',
];
