import type { Command } from 'commander';
import type { GlobalOptions, Runner } from '../runner.ts';

interface ExportFlags {
  readonly safetensors: string;
  readonly modality?: string;
}

export function addModel(program: Command, run: Runner): void {
  const model = program.command('model').description('read and use a published model');
  model.addHelpText('after', '\nExample:\n  consilium model show consilium-report/model.bundle');
  model
    .command('show')
    .description("print a bundle's card: what it was trained on, by whom, how well it does")
    .argument('<bundle>', 'path of a model bundle')
    .addHelpText('after', '\nExample:\n  consilium model show model.bundle --format json')
    .action((bundle: string, _flags: unknown, command: Command) =>
      run(command, async (io) => {
        const { modelShow } = await import('../../simulations/cli/model.ts');
        return modelShow({ bundle }, io);
      }),
    );
  model
    .command('export')
    .description('write an encoder as safetensors, so that another study can start from it')
    .argument('<bundle>', 'path of a model bundle')
    .requiredOption('--safetensors <file>', 'the file to write')
    .option('--modality <name>', 'which encoder, where the bundle has several')
    .addHelpText(
      'after',
      '\nExample:\n  consilium model export model.bundle --safetensors xray.safetensors --modality xray',
    )
    .action((bundle: string, flags: ExportFlags, command: Command) =>
      run(command, async (io) => {
        const { modelExport } = await import('../../simulations/cli/model-export.ts');
        return modelExport({ bundle, file: flags.safetensors, modality: flags.modality }, io);
      }),
    );
  model
    .command('predict')
    .description('predict for patients with whatever modalities there are')
    .argument('<bundle>', 'path of a model bundle')
    .requiredOption('--input <file>', 'patients, one for each row (CSV, Parquet or JSON)')
    .addHelpText(
      'after',
      '\nExample:\n  consilium model predict model.bundle --input patients.csv --format jsonl',
    )
    .action((bundle: string, flags: { readonly input: string }, command: Command) =>
      run(command, async (io) => {
        const { backend } = command.optsWithGlobals<GlobalOptions>();
        const { modelPredict } = await import('../../simulations/cli/model.ts');
        return modelPredict({ bundle, inputFile: flags.input, backend }, io);
      }),
    );
}
