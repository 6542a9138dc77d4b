/** Writes a text for the user to standard output. */
export function write(text: string): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

/** Writes a remark for the user to standard error, so that standard output stays what was asked for. */
export function remark(text: string): void {
  process.stderr.write(`${text}\n`);
}
