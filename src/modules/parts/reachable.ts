import { askShell, type CommandProbe, volatile } from '../../contract/probe.ts';

/** Exit codes of the question for a port: 0 open, 1 closed, 125 nothing to ask with. */
export const NO_TOOL = 125;

/** $1 host, $2 port, $3 seconds. dash has no /dev/tcp, so bash is looked for; then nc, then python3. */
const QUESTION = `if command -v bash >/dev/null 2>&1; then
  timeout "$3" bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$1" "$2" 2>/dev/null || exit 1
elif command -v nc >/dev/null 2>&1; then timeout "$3" nc -z "$1" "$2" >/dev/null 2>&1 || exit 1
elif command -v python3 >/dev/null 2>&1; then
  python3 -c 'import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), float(sys.argv[3])).close()' "$1" "$2" "$3" 2>/dev/null || exit 1
else exit ${NO_TOOL}; fi`;

export function probePort(host: string, port: number, seconds: number): CommandProbe {
  return volatile(askShell(QUESTION, host, String(port), String(seconds)));
}
