/** Whether a variable is named like something that must not be shown: `ansible_become_password`, `chap_secret`. */
export function isSecretName(name: string): boolean {
  return /pass(word|phrase)?$|secret|token|private_key$/i.test(name);
}
