// Puts what the compiler leaves behind (the study files that ship, generated code) beside the compiled code in dist/.
import { cpSync, existsSync, statSync } from 'node:fs';

const FOLDERS = ['simulations/studies', 'shared/wire/generated'];

for (const folder of FOLDERS.filter((name) => existsSync(name))) {
  cpSync(folder, `dist/${folder}`, {
    recursive: true,
    filter: (source) => statSync(source).isDirectory() || !source.endsWith('.ts'),
  });
}
