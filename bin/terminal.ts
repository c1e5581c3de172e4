import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';

/** Asks the person on the terminal; the question goes to stderr. Undefined where nobody can answer. */
export function terminalAsk(): ((question: string) => Promise<string>) | undefined {
  return isInteractive() ? (question) => asked(question, process.stderr) : undefined;
}

/** As {@link terminalAsk}, for what must not be seen: what is typed is not shown. */
export function terminalAskHidden(): ((question: string) => Promise<string>) | undefined {
  if (!isInteractive()) return undefined;
  return async (question) => {
    process.stderr.write(question);
    const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
    const answer = await asked('', silent);
    process.stderr.write('\n');
    return answer;
  };
}

function isInteractive(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

async function asked(question: string, output: NodeJS.WritableStream): Promise<string> {
  const lines = createInterface({ input: process.stdin, output, terminal: true });
  try {
    return await lines.question(question);
  } finally {
    lines.close();
  }
}
