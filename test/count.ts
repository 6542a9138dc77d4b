import { readFileSync } from 'node:fs';

/** Prints the closing line that a reader of a long log looks for, from vitest's own report. */
const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8'));
console.log(`${numPassedTests} passed, ${numFailedTests} failed`);
