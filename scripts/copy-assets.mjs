// Puts what the compiler leaves behind (the study files that ship) beside the compiled code in dist/.
import { cpSync, existsSync, statSync } from 'node:fs';

const FOLDERS = ['simulations/studies'];

for (const folder of FOLDERS.filter((name) => existsSync(name))) {
  cpSync(folder, `dist/${folder}`, {
    recursive: true,
    filter: (source) => statSync(source).isDirectory() || !source.endsWith('.ts'),
  });
}
