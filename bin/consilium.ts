#!/usr/bin/env node
import { stdout } from 'node:process';
import { main } from './run.ts';

// A reader that closes early (`| head`) is no fault of ours.
stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

const exitCode = await main(process.argv.slice(2));
// Native addons and idle workers would keep the process alive; what was written is flushed first.
stdout.write('', () => process.exit(exitCode));
