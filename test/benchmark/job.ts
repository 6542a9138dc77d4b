import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Farm, FarmHost } from './sshd-farm.ts';

/** The files of a job in a folder, and what a floor has to ask for the same. */
export interface Job {
  readonly playbook: string;
  readonly inventory: string;
  readonly tasks: number;
  /** Shell text that asks of one host what the tasks have to know. */
  floorScript(host: FarmHost): string;
}

/**
 * `tasks` tasks in the mix of a real playbook: of every 24, 4 folders, 8 templates, 4 copies, 4 lines in files and 4
 * guarded commands. The words are Ansible's, so that Ansible runs the same file.
 */
export function writeJob(farm: Farm, tasks: number): Job {
  const directory = join(farm.directory, `job-${tasks}`);
  mkdirSync(join(directory, 'templates'), { recursive: true });
  mkdirSync(join(directory, 'files'), { recursive: true });
  const lines: string[] = ['- hosts: all', '  gather_facts: false', '  tasks:'];
  const questions: string[] = [];
  for (let index = 0; index < tasks; index += 1) {
    const group = Math.floor(index / 24);
    const { yaml, question } = taskOf(index % 24, group, directory);
    lines.push(`    - name: task ${index}`, ...yaml.map((line) => `      ${line}`));
    questions.push(question);
  }
  const playbook = join(directory, 'job.yml');
  writeFileSync(playbook, `${lines.join('\n')}\n`);
  const inventory = join(directory, 'inventory.ini');
  writeFileSync(inventory, inventoryText(farm));
  return {
    playbook,
    inventory,
    tasks,
    floorScript: (host) => questions.map((question) => question.replaceAll('DIR', host.directory)).join('\n'),
  };
}

function inventoryText({ hosts, keyFile, knownHosts }: Farm): string {
  return [
    ...hosts.map(
      ({ name, address, port, directory }) => `${name} ansible_host=${address} ansible_port=${port} dir=${directory}`,
    ),
    '[all:vars]',
    'ansible_user=root',
    `ansible_ssh_private_key_file=${keyFile}`,
    `ansible_ssh_common_args='-o UserKnownHostsFile=${knownHosts} -F none'`,
    '',
  ].join('\n');
}

function taskOf(kind: number, group: number, directory: string): { yaml: readonly string[]; question: string } {
  const folder = `{{ dir }}/g${group}/d${kind % 4}`;
  const place = `DIR/g${group}/d${kind % 4}`;
  const stat = (path: string) => `stat -c '%F %a %U %G' ${path} 2>&1`;
  if (kind < 4) return { yaml: [`file: { path: '${folder}', state: directory, mode: '0755' }`], question: stat(place) };
  const name = `f${kind}`;
  const whole = `${stat(`${place}/${name}`)}; sha256sum ${place}/${name} 2>&1`;
  if (kind < 12) {
    const extension = 'conf';
    writeFileSync(
      join(directory, 'templates', `${name}.${extension}`),
      `# {{ inventory_hostname }}\nfolder = {{ dir }}\nkind = ${kind}\n`,
    );
    return {
      yaml: [`template: { src: ${name}.${extension}, dest: '${folder}/${name}', mode: '0644' }`],
      question: whole,
    };
  }
  if (kind < 16) {
    writeFileSync(join(directory, 'files', name), `${'x'.repeat(200)}\n${kind}\n`);
    return { yaml: [`copy: { src: ${name}, dest: '${folder}/${name}', mode: '0644' }`], question: whole };
  }
  if (kind < 20) {
    return {
      yaml: [`lineinfile: { path: '${folder}/l${kind}', create: true, line: 'line = ${kind}', regexp: '^line =' }`],
      question: `cat ${place}/l${kind} 2>&1`,
    };
  }
  const done = `${folder}/done${kind}`;
  return { yaml: [`command: { cmd: 'touch ${done}', creates: '${done}' }`], question: `test -e ${place}/done${kind}` };
}
