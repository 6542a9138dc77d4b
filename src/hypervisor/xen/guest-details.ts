import { z } from 'zod';
import { BenchError } from '../../core/errors.ts';

const details = z.array(
  z.object({
    domid: z.number(),
    config: z.object({
      c_info: z.object({ type: z.string(), name: z.string(), uuid: z.string().optional() }),
      b_info: z.object({
        max_vcpus: z.number().default(1),
        max_memkb: z.number(),
        target_memkb: z.number().optional(),
        cmdline: z.string().optional(),
        sched_params: z
          .object({ sched: z.string().optional(), weight: z.number().optional(), cap: z.number().optional() })
          .default({}),
      }),
      disks: z.array(z.object({ pdev_path: z.string().optional(), vdev: z.string() })).default([]),
      nics: z.array(z.object({ mac: z.string(), bridge: z.string().optional() })).default([]),
    }),
  }),
);

/** One guest as libxl keeps it: what it was made of, which a migration takes along. */
export interface GuestDetails {
  readonly id: number;
  readonly name: string;
  readonly type: string;
  readonly uuid: string | undefined;
  readonly memoryMib: number;
  readonly vcpus: number;
  readonly scheduler: string | undefined;
  /** Per cent of one CPU; 0 is no cap. */
  readonly cap: number;
  /** Kernel command line, word by word: `bench.ip` to `10.0.0.5/24`. A word without `=` maps to an empty text. */
  readonly commandLine: ReadonlyMap<string, string>;
  readonly disks: readonly string[];
  readonly interfaces: readonly { readonly mac: string; readonly bridge: string | undefined }[];
}

/** JSON of `xl list -l NAME`. Throws `BenchError` when it is not that. */
export function parseGuestDetails(text: string): GuestDetails {
  const parsed = details.safeParse(parseJson(text));
  const [guest] = parsed.data ?? [];
  if (!guest) throw new BenchError('E_TOOL_OUTPUT', 'xl list -l did not write the JSON of one guest');
  const { c_info, b_info, disks, nics } = guest.config;
  return {
    id: guest.domid,
    name: c_info.name,
    type: c_info.type,
    uuid: c_info.uuid,
    memoryMib: Math.round((b_info.target_memkb ?? b_info.max_memkb) / 1024),
    vcpus: b_info.max_vcpus,
    scheduler: b_info.sched_params.sched,
    cap: b_info.sched_params.cap ?? 0,
    commandLine: commandLineWords(b_info.cmdline ?? ''),
    disks: disks.flatMap(({ pdev_path }) => (pdev_path ? [pdev_path] : [])),
    interfaces: nics.map(({ mac, bridge }) => ({ mac: mac.toLowerCase(), bridge })),
  };
}

function commandLineWords(text: string): ReadonlyMap<string, string> {
  const words = text.split(/\s+/).filter((word) => word !== '');
  return new Map(
    words.map((word) => [word.split('=', 1)[0] ?? '', word.includes('=') ? word.slice(word.indexOf('=') + 1) : '']),
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new BenchError('E_TOOL_OUTPUT', 'xl list -l did not write JSON', { cause });
  }
}
