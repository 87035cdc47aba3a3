import { enableCompileCache } from 'node:module';

// The host in the background, started by `swamp run --detach`: the command line's `swamp host` without a terminal.
enableCompileCache();
const { main } = await import('./cli/program.ts');
process.exitCode = await main([...process.argv.slice(0, 2), 'host', ...process.argv.slice(2)]);
