import type { Clock } from '../../../shared/core/clock.ts';
import type { PassphraseSource } from '../../../shared/crypto/key-file.ts';
import type { SecureRandom } from '../../../shared/crypto/random.ts';

/** What an officer's commands are handed besides their arguments. */
export interface OfficerTools {
  /** For keys that are there. */
  readonly passphrase: PassphraseSource;
  /** For keys that are made; undefined leaves them open. */
  readonly newPassphrase: PassphraseSource;
  /** Asks the person on the terminal, and gives back the line; undefined where there is none. */
  readonly ask: ((question: string) => Promise<string>) | undefined;
  readonly clock: Clock;
  readonly random: SecureRandom;
}

/** Who acts, and where the keys and rosters are. */
export interface OfficerOptions {
  readonly officer: string;
  /** The officer's own folder. */
  readonly folder: string;
}
