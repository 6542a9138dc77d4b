import { renderBootstrap } from './bootstrap.ts';
import { type Hello, type Launched, type LaunchOptions, launch } from './launch.ts';
import { createReading, type OnSlot, type Reading, type ShellReply } from './reading.ts';
import type { Transport } from './transport.ts';

export interface ShellRequest {
  readonly script: string;
  /** Files that the script finds in its `bench_dir`, sent before it. */
  readonly uploads: readonly Upload[];
  readonly onOutput: ((piece: string, slot: number) => void) | undefined;
  readonly onSlot?: OnSlot | undefined;
}

export interface Upload {
  readonly name: string;
  readonly sizeBytes: number;
  /** Exactly `sizeBytes` in all. */
  readonly pieces: () => AsyncIterable<Uint8Array>;
}

/** One long-lived `sh` of one privilege. Takes one request at a time. */
export interface LiveShell {
  readonly hello: Promise<Hello>;
  isUsable(): boolean;
  /** Rejects with `ShellGoneError` when the shell ends first. */
  run(request: ShellRequest): Promise<ShellReply>;
  close(): void;
  readonly traffic: () => { readonly sentBytes: number; readonly receivedBytes: number };
}

export async function startShell(transport: Transport, options: Omit<LaunchOptions, 'body'>): Promise<LiveShell> {
  const { nonce, privilege, clock } = options;
  let reading: Reading | undefined;
  let sentBytes = 0;
  let receivedBytes = 0;
  let isOpen = true;

  const launched: Launched = await launch(
    transport,
    { ...options, body: renderBootstrap(nonce) },
    {
      onBytes(stream, bytes) {
        receivedBytes += bytes.length;
        reading?.onBytes(stream, bytes);
      },
      onMarker(stream, words) {
        receivedBytes += nonce.length;
        reading?.onMarker(stream, words);
      },
    },
  );
  const { channel, hello, ended } = launched;
  hello.catch(() => {
    isOpen = false;
  });
  void channel.exit.then(() => {
    isOpen = false;
  });
  // One that ended before its hello has said why by rejecting that.
  void ended.then((exit) =>
    hello.then(
      () => reading?.onGone(exit),
      () => {},
    ),
  );

  async function write(bytes: Uint8Array | string): Promise<void> {
    sentBytes += typeof bytes === 'string' ? Buffer.byteLength(bytes) : bytes.length;
    if (channel.stdin.write(bytes) || !isOpen) return;
    await Promise.race([new Promise((drain) => channel.stdin.once('drain', drain)), channel.exit]);
  }

  async function send({ uploads, script }: ShellRequest): Promise<void> {
    // A sudo that may ask for a password reads the same stream: nothing may lie in it before the shell is there.
    if (privilege.kind === 'sudo' && privilege.password !== undefined) await hello;
    for (const { name, sizeBytes, pieces } of uploads) {
      await write(`U ${sizeBytes} ${name}\n`);
      for await (const piece of pieces()) await write(piece);
    }
    await write(`S ${Buffer.byteLength(script)}\n${script}`);
  }

  return {
    hello,
    isUsable: () => isOpen,
    async run(request) {
      const reply = Promise.withResolvers<ShellReply>();
      reading = createReading(request.onOutput, reply, clock, request.onSlot);
      hello.catch(reply.reject);
      send(request).catch((error) => {
        // The stream is out of step now: this shell can take no other request.
        channel.close();
        isOpen = false;
        reply.reject(error);
      });
      try {
        return await reply.promise;
      } catch (error) {
        isOpen = false;
        throw error;
      } finally {
        reading = undefined;
      }
    },
    close() {
      isOpen = false;
      channel.close();
    },
    traffic: () => ({ sentBytes, receivedBytes }),
  };
}
