import { type Command, Option } from 'commander';
import type { GlobalOptions, Runner } from '../runner.ts';
import { userCache } from '../user-cache.ts';

interface CheckDataFlags extends GlobalOptions {
  readonly study: string;
  readonly data?: string;
  readonly cache?: string;
}

export function addSite(program: Command, run: Runner): void {
  const site = program.command('site').description("a hospital's own side");
  site
    .command('check-data')
    .description('what the data of a site file is worth to a study, and what looks wrong with it')
    .argument('<site-file>', 'maps the tables and files of the hospital to the study')
    .requiredOption('--study <file>', 'the study file')
    .option('--data <dir>', "the data folder (default: the site file's own)")
    .addOption(
      new Option('--cache <dir>', 'where decoded images and recordings are kept').env('CONSILIUM_CACHE'),
    )
    .addHelpText(
      'after',
      '\nExamples:\n  consilium site check-data north.site.yaml --study study.yaml --data /data/north',
    )
    .action((siteFile: string, _flags: unknown, command: Command) =>
      run(command, async (io) => {
        const flags = command.optsWithGlobals<CheckDataFlags>();
        const { runCheckData } = await import('../../client/cli/check-data.ts');
        return runCheckData(
          {
            siteFile,
            studyFile: flags.study,
            dataDir: flags.data,
            cacheDir: flags.cache ?? userCache(),
          },
          io,
        );
      }),
    );
}
