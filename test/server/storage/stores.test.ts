import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { afterEach, describe, expect, it } from 'vitest';
import { fileBlobs } from '../../../server/storage/blobs.ts';
import { verifyChain } from '../../../server/storage/event-chain.ts';
import { memoryBlobs, memoryEvents } from '../../../server/storage/memory.ts';
import { folderStore, sqliteEvents } from '../../../server/storage/sqlite.ts';
import { blobStoreConformance } from '../../conformance/blob-store.ts';
import { eventStoreConformance, newEvent } from '../../conformance/event-store.ts';

const folders: string[] = [];

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'consilium-store-'));
  folders.push(folder);
  return folder;
}

afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

eventStoreConformance('memoryEvents', async () => memoryEvents());
eventStoreConformance('sqliteEvents', async () => sqliteEvents(join(await newFolder(), 'events.sqlite')));
blobStoreConformance('memoryBlobs', async () => memoryBlobs());
blobStoreConformance('fileBlobs', async () => fileBlobs(await newFolder()));

describe('sqliteEvents', () => {
  it('finds its events again when it is opened anew, and chains on', async () => {
    const path = join(await newFolder(), 'events.sqlite');
    const first = sqliteEvents(path);
    await first.append([newEvent('a')]);
    await first.close();
    const second = sqliteEvents(path);
    await second.append([newEvent('b')]);
    const events = await second.read();
    expect(events.map(({ key }) => key)).toEqual(['a', 'b']);
    verifyChain(events);
    await second.close();
  });

  it('lets nobody else in while it is open', async () => {
    const path = join(await newFolder(), 'events.sqlite');
    const first = sqliteEvents(path);
    await first.append([newEvent('a')]);
    expect(() => sqliteEvents(path)).toThrow(/another process/);
    await first.close();
  });

  it('shows a changed row as a broken chain', async () => {
    const path = join(await newFolder(), 'events.sqlite');
    const store = sqliteEvents(path);
    await store.append([newEvent('a'), newEvent('b'), newEvent('c')]);
    await store.close();
    const database = new DatabaseSync(path);
    database.exec('UPDATE events SET payload = \'{"score":1}\' WHERE seq = 2');
    database.close();
    const changed = sqliteEvents(path);
    const events = await changed.read();
    expect(() => verifyChain(events)).toThrow(/event 2/);
    expect(() => verifyChain(events.filter(({ seq }) => seq !== 2))).toThrow(/event 2/);
    await changed.close();
  });

  it('refuses a file that is no database', async () => {
    const path = join(await newFolder(), 'events.sqlite');
    await writeFile(
      path,
      'not a database at all, but long enough to have a header of a hundred bytes '.repeat(3),
    );
    expect(() => sqliteEvents(path)).toThrow(/not a sound database/);
  });
});

describe('fileBlobs', () => {
  it('leaves nothing half-written behind: staging is emptied when it is opened', async () => {
    const folder = await newFolder();
    await fileBlobs(folder);
    await writeFile(join(folder, 'staging', 'torn'), 'half');
    const store = await fileBlobs(folder);
    await store.put(Uint8Array.of(1));
    expect(await readdir(join(folder, 'staging'))).toEqual([]);
  });

  it('refuses bytes that do not match their name', async () => {
    const folder = await newFolder();
    const store = await fileBlobs(folder);
    const hash = await store.put(Uint8Array.of(1, 2, 3, 4));
    const path = join(folder, hash.slice(0, 2), hash);
    const bytes = await readFile(path);
    bytes[2] = (bytes[2] ?? 0) ^ 1;
    await writeFile(path, bytes);
    await expect(store.get(hash)).rejects.toThrow(/do not match/);
  });
});

describe('folderStore', () => {
  it('says when its folder cannot be made', async () => {
    const file = join(await newFolder(), 'file');
    await writeFile(file, '');
    await expect(folderStore(join(file, 'store'))).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
  });
});
