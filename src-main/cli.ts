import { main } from './cli/program.ts';

// The command line: `swamp --help` lists the commands.
process.exitCode = await main(process.argv);
