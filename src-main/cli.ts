import { enableCompileCache } from 'node:module';

// The command line: `swamp --help` lists the commands. What the sources compile to is kept between starts, which
// saves half of them; the import is dynamic so that the cache is on before anything is loaded.
enableCompileCache();
const { main } = await import('./cli/program.ts');
process.exitCode = await main(process.argv);
