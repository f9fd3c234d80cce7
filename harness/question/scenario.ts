import { basename, extname } from 'node:path';
import { UsageError } from '../../common/cli/errors.js';
import { parseDuration, refuseTwice } from '../../common/cli/values.js';
import { variantOf } from '../../impls/abilities.js';
import type { Load, LoadPlan, MatrixPoint, Scenario } from '../../model/cell.js';
import { formatLoad, matrixLabel, searches } from '../../model/cell.js';
import type { ImplementationId } from '../../model/ids.js';
import { formatVariant, type Variant } from '../../model/settings.js';
import {
  combine,
  parseAxis,
  parseFunction,
  parseImplementations,
  parseLoads,
  parseMatrix,
  parseRepeats,
  parseSeed,
  parseSizes,
  parseTopology,
  parseTunings,
} from './axes.js';
import { anyCpus, parseCpuRoles } from './cpu-roles.js';
import { readEnds } from './ends.js';
import { readPlacementFile } from './placement-file.js';
import { readScenarioFile, type ScenarioFile } from './scenario-file.js';

/** Values of the command line, as typed; absent when not given. */
export interface ScenarioFlags {
  /** Path of the scenario file. */
  scenario?: string;
  /** Of the scenario file. */
  profile?: string;
  sizes?: string;
  matrix?: string;
  impls?: string;
  function?: string;
  load?: string;
  axis?: string[];
  /** Values of the axis `workNs`. */
  work?: string;
  duration?: string;
  warmup?: string;
  repeats?: string;
  topology?: string;
  server?: string;
  client?: string[];
  cpus?: string;
  /** Path of the placement file. */
  placement?: string;
  seed?: string;
}

/** What readScenario needs from outside. */
export interface ScenarioSources {
  /** Reads a text file, throws when it cannot. */
  readFile(path: string): string;
  /** An unsigned 32-bit number, asked for when neither flags nor file hold a seed. */
  randomSeed(): number;
}

/** What holds when neither flags nor file say otherwise, as a user would write it. */
export const scenarioDefaults = {
  // The four that the published experiment asks about; all six would take half as long again.
  implementations: 'dgram,recvfrom,recvmmsg,afxdp',
  function: 'reverse',
  sizes: '200..1400',
  matrix: '1T1Q',
  topology: 'veth',
  duration: '1s',
  warmup: '500ms',
  // The fewest from which the interval of a median has 95 %: runs differ more than the seconds of one run.
  repeats: '6',
  /** Of loads that search: each is a series of trials by itself. */
  searchRepeats: '3',
} as const;

/** The latency test of the literature: 4 connections, 800-byte frames, one thread. */
const latencyTest = { load: { kind: 'closed', connections: 4 } as const, packetBytes: 800 };

/** A load over all implementations and variants of its scenario. */
const asAll = { implementations: null, variants: null } as const;
const nothing: ReturnType<typeof readScenarioFile> = { file: {}, placeOf: (key) => key };
const durationBounds = { minNs: 50e6, maxNs: 3600e9 };
const warmupBounds = { minNs: 0, maxNs: 600e9 };

/** The one door: flags over file over defaults, validated, deeply frozen; throws UsageError. */
export function readScenario(flags: ScenarioFlags, sources: ScenarioSources): Scenario {
  const path = flags.scenario;
  if (path === undefined && flags.profile !== undefined) throw new UsageError('--profile: is one of a --scenario FILE');
  const { file, placeOf: inFile } =
    path === undefined ? nothing : readScenarioFile(path, sources.readFile, flags.profile);

  /** Parses the value that wins, under the name of the place it stands in. */
  function resolve<T>(
    parse: (option: string, text: string) => T,
    flag: Exclude<
      keyof ScenarioFlags,
      'scenario' | 'profile' | 'axis' | 'work' | 'server' | 'client' | 'cpus' | 'placement'
    >,
    key: Exclude<keyof ScenarioFile, 'name' | 'loads' | 'axes' | 'tuning' | 'server' | 'client'>,
    fallback: string,
  ): T {
    const flagText = flags[flag];
    if (flagText !== undefined) return parse(`--${flag}`, flagText);
    const fileText = file[key];
    return fileText === undefined ? parse(`default ${key}`, fallback) : parse(inFile(key), fileText);
  }

  const sizes = resolve(parseSizes, 'sizes', 'sizes', scenarioDefaults.sizes);
  const matrix = resolve(parseMatrix, 'matrix', 'matrix', scenarioDefaults.matrix);
  const wholly = (load: Load): LoadPlan => ({ load, matrix, sizes, ...asAll });

  function resolveLoads(): LoadPlan[] {
    if (flags.load !== undefined) return parseLoads('--load', flags.load).map(wholly);
    if (file.loads !== undefined) return fileLoads(file.loads);
    return [wholly({ kind: 'saturate' }), latencyPlan(matrix, sizes)];
  }

  function fileLoads(entries: NonNullable<ScenarioFile['loads']>): LoadPlan[] {
    const plain = new Set<string>();
    const plans = entries.flatMap((entry, index) => {
      const at = inFile(`loads[${index}]`);
      return parseLoads(at, entry.load).map((load) => {
        // Axes are checked although flags may override them: a file is right or wrong by itself.
        const ownSizes = entry.sizes === undefined ? sizes : parseSizes(`${at}.sizes`, entry.sizes);
        const ownMatrix = entry.matrix === undefined ? matrix : parseMatrix(`${at}.matrix`, entry.matrix);
        const { load: _, ...axes } = entry;
        if (Object.keys(axes).length === 0) {
          const name = formatLoad(load);
          if (plain.has(name)) throw new UsageError(`${at}: ${name} is named twice`);
          plain.add(name);
        }
        return {
          load,
          sizes: flags.sizes === undefined ? ownSizes : sizes,
          matrix: flags.matrix === undefined ? ownMatrix : matrix,
          ...ownOf(entry, `loads[${index}]`),
        };
      });
    });
    const asked = plans.filter((plan) => plan.implementations === null || plan.implementations.length > 0);
    if (asked.length === 0)
      throw new UsageError(`${inFile('loads')}: none has one of the implementations ${implementations.join(', ')}`);
    return asked;
  }

  /** A load that names implementations has those of them that are asked for. */
  function ownOf(
    { implementations: names, axes: own }: NonNullable<ScenarioFile['loads']>[number],
    key: string,
  ): Pick<LoadPlan, 'implementations' | 'variants'> {
    const at = inFile(`${key}.implementations`);
    const named = names === undefined ? null : parseImplementations(at, names);
    const stranger = flags.impls === undefined ? named?.find((id) => !implementations.includes(id)) : undefined;
    if (stranger !== undefined) throw new UsageError(`${at}: ${stranger} is not one of ${implementations.join(', ')}`);
    const asked = named && implementations.filter((id) => named.includes(id));
    const variants = own === undefined ? null : resolveAxes(`${key}.axes`, own);
    refuseUnknown(variants ?? [], named ?? implementations);
    return { implementations: asked, variants: variants && combine(variants) };
  }

  function resolveAxes(key: string, own: Record<string, string>): Variant[][] {
    const workAxis = flags.work === undefined ? [] : [['--work', `workNs=${flags.work}`] satisfies [string, string]];
    const flagAxes = [...(flags.axis ?? []).map((text): [string, string] => ['--axis', text]), ...workAxis];
    const fileAxes = Object.entries(own).map(([name, values]): [string, string] => [inFile(key), `${name}=${values}`]);
    const parsed = (pairs: [string, string][]) =>
      pairs.map(([option, text]) => ({ name: text.split('=')[0] ?? '', variants: parseAxis(option, text) }));
    // A file is right or wrong by itself; a flag wins over the axis of the same name.
    const [asked, inScenario] = [parsed(flagAxes), parsed(fileAxes)];
    refuseTwice(
      '--axis',
      asked.map(({ name }) => name),
    );
    const kept = inScenario.filter(({ name }) => !asked.some((axis) => axis.name === name));
    return [...kept, ...asked].map(({ variants }) => variants);
  }

  const implementations = resolve(parseImplementations, 'impls', 'implementations', scenarioDefaults.implementations);
  const axes = resolveAxes('axes', file.axes ?? {});
  refuseUnknown(axes, implementations);
  function resolveEnds() {
    const named = (name: 'server' | 'client') => ({
      inFile: [file[name] ?? []].flat().map((text) => ({ option: inFile(name), text })),
      flag: [flags[name] ?? []].flat().map((text) => ({ option: `--${name}`, text })),
    });
    return readEnds(topology, { server: named('server'), client: named('client') });
  }

  const topology = resolve(parseTopology, 'topology', 'topology', scenarioDefaults.topology);
  // A file is right or wrong by itself.
  const cpusInFile = file.cpus === undefined ? anyCpus : parseCpuRoles(inFile('cpus'), file.cpus);
  const cpus = flags.cpus === undefined ? cpusInFile : parseCpuRoles('--cpus', flags.cpus);
  const loads = resolveLoads();
  const pinned = flags.placement === undefined ? [] : readPlacementFile(flags.placement, sources.readFile);
  const asked = loads.flatMap((plan) => plan.matrix.map(matrixLabel));
  if (pinned.length > 0 && !pinned.some((point) => asked.includes(matrixLabel(point))))
    throw new UsageError(`--placement: none of its points is asked for, which are ${[...new Set(asked)].join(', ')}`);
  const repeats = loads.every(({ load }) => searches(load)) ? scenarioDefaults.searchRepeats : scenarioDefaults.repeats;
  const seedText = flags.seed ?? file.seed;
  const seedOption = flags.seed === undefined ? inFile('seed') : '--seed';
  const scenario: Scenario = {
    name: `${file.name ?? nameOf(path)}${flags.profile === undefined ? '' : ` (${flags.profile})`}`,
    implementations,
    functionId: resolve(parseFunction, 'function', 'function', scenarioDefaults.function),
    loads,
    variants: combine(axes),
    tuning: parseTunings(inFile('tuning'), file.tuning ?? {}),
    topology,
    ...resolveEnds(),
    cpus,
    pinned,
    durationNs: resolve(within(durationBounds), 'duration', 'duration', scenarioDefaults.duration),
    warmupNs: resolve(within(warmupBounds), 'warmup', 'warmup', scenarioDefaults.warmup),
    repeats: resolve(parseRepeats, 'repeats', 'repeats', repeats),
    seed: seedText === undefined ? sources.randomSeed() >>> 0 : parseSeed(seedOption, seedText),
  };
  return deepFreeze(structuredClone(scenario));
}

/** Throws for a setting that no implementation has. */
function refuseUnknown(axes: readonly Variant[][], implementations: readonly ImplementationId[]): void {
  for (const variant of axes.flat()) {
    if (implementations.every((id) => formatVariant(variantOf(id, variant)) === ''))
      throw new UsageError(`--axis: ${formatVariant(variant)}: none of ${implementations.join(', ')} has that`);
  }
}

function latencyPlan(matrix: MatrixPoint[], sizes: number[]): LoadPlan {
  const distance = (packetBytes: number) => Math.abs(packetBytes - latencyTest.packetBytes);
  const nearest = sizes.toSorted((a, b) => distance(a) - distance(b)).slice(0, 1);
  return { load: latencyTest.load, matrix: matrix.slice(0, 1), sizes: nearest, ...asAll };
}

function within(bounds: { minNs: number; maxNs: number }): (option: string, text: string) => number {
  return (option, text) => parseDuration(option, text, bounds);
}

function nameOf(path: string | undefined): string {
  if (path === undefined) return 'default';
  const stem = basename(path, extname(path)).toLowerCase();
  return stem.replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '') || 'scenario';
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const part of Object.values(value)) deepFreeze(part);
    Object.freeze(value);
  }
  return value;
}
