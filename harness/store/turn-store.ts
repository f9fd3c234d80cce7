import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BenchError } from '../../common/cli/errors.js';
import type { PairPrologue, TurnRecord } from '../../model/pair.js';
import { schemaVersion } from '../../model/record.js';
import { liftPair, liftTurn, oldestTurnVersion } from './lift.js';
import { faultIn, pairShape, programTurnShape, turnShape } from './shape.js';
import { parse } from './store.js';

const prologueFile = 'pair.json';
const recordsFile = 'turns.ndjson';

/** The folder of a comparison by turns: its prologue, then a line an attempt, written as they end. */
export class TurnStore {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Makes `out/<runId>/`. `out/latest` stays the newest run of the bench, which other commands read. */
  static async create(out: string, prologue: PairPrologue): Promise<TurnStore> {
    const folder = join(out, prologue.runId);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, prologueFile), `${JSON.stringify(prologue, null, 2)}\n`);
    await writeFile(join(folder, recordsFile), '');
    return new TurnStore(folder);
  }

  async append(record: TurnRecord): Promise<void> {
    await appendFile(join(this.folder, recordsFile), `${JSON.stringify(record)}\n`);
  }
}

/** Reads the folder of a comparison by turns back. Rejects with BenchError, one line, if it is not one. */
export async function readTurns(folder: string): Promise<{ prologue: PairPrologue; records: TurnRecord[] }> {
  const read = async (name: string) => {
    try {
      return await readFile(join(folder, name), 'utf8');
    } catch (cause) {
      throw new BenchError('NO_RUN', `${folder} is no folder of a comparison by turns: cannot read its ${name}`, {
        cause,
      });
    }
  };
  const prologue = liftPair(parse(await read(prologueFile), `${folder}/${prologueFile}`));
  if (Number(prologue.schemaVersion) < oldestTurnVersion) {
    const versions = `version ${prologue.schemaVersion}, this program reads versions ${oldestTurnVersion} to ${schemaVersion}`;
    throw new BenchError('SCHEMA', `${folder}/${prologueFile} has records of ${versions}`);
  }
  const pairFault = faultIn(pairShape, prologue);
  if (pairFault !== null)
    throw new BenchError(
      'BAD_RECORD',
      `${folder}/${prologueFile} does not tell of a comparison by turns: ${pairFault}`,
    );
  const lines = (await read(recordsFile)).split('\n');
  // A killed writer leaves half a last line: that attempt is lost, the others are not.
  lines.pop();
  const records = lines.map((line, index) => {
    const where = `${folder}/${recordsFile} line ${index + 1}`;
    const record = liftTurn(parse(line, where));
    const { run } = record;
    const isProgram = typeof run === 'object' && run !== null && !('cell' in run);
    const fault = faultIn(isProgram ? programTurnShape : turnShape, record);
    if (fault !== null) throw new BenchError('BAD_RECORD', `${where} is no record of a turn: ${fault}`);
    return record as unknown as TurnRecord;
  });
  return { prologue: { ...prologue, schemaVersion } as unknown as PairPrologue, records };
}
