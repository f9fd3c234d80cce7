import { describe, expect, it, onTestFinished } from 'vitest';
import { isOrphan, isOwn, ownMark, ownName } from '../../../common/wire/owner.js';

/** Beyond what Linux gives to a process. */
const noSuchPid = 2 ** 22 + 1;
/** Of the PID namespace of this process. */
const pids = ownName('srv').split('-')[3];

describe('ownName', () => {
  it('names this process, its start and the side', () => {
    expect(ownName('srv')).toMatch(new RegExp(`^ivb-${process.pid}-[1-9]\\d*-[1-9]\\d*-srv$`));
  });

  it('stays the same, and differs by side', () => {
    expect(ownName('srv')).toBe(ownName('srv'));
    expect(ownName('srv').replace(/srv$/, 'cli')).toBe(ownName('cli'));
  });

  it('is not led astray by a process called like its own file in /proc', () => {
    const name = ownName('srv');
    const title = process.title;
    onTestFinished(() => {
      process.title = title;
    });
    process.title = 'a) R 1 (b';
    expect(ownName('srv')).toBe(name);
  });
});

it.each([
  ['of this process', ownName('srv'), true],
  ['of this number, but an earlier process', `ivb-${process.pid}-1-${pids}-srv`, false],
  ['of a number that begins alike', `ivb-${process.pid}1-4711-${pids}-srv`, false],
  ['of somebody else', 'docker0', false],
])('isOwn: a name %s', (_, name, own) => expect(isOwn(name)).toBe(own));

it('the mark of a process that is started here is of this process', () => {
  expect(isOwn(`${ownMark().IVB_OWNER}srv`)).toBe(true);
});

describe('isOrphan', () => {
  it.each([
    ['of this process', ownName('srv'), false],
    ['of this number, but an earlier process', `ivb-${process.pid}-1-${pids}-srv`, true],
    ['of a process that is gone', `ivb-${noSuchPid}-4711-${pids}-cli`, true],
    ['of a process of another PID namespace', `ivb-${noSuchPid}-4711-${pids}1-cli`, false],
    ['of somebody else', 'docker0', false],
    ['of somebody else who begins alike', 'ivb-srv', false],
    ['without a side', `ivb-${noSuchPid}-4711-${pids}`, false],
    ['with an empty side', `ivb-${noSuchPid}-4711-${pids}-`, false],
    ['with more behind it', `ivb-${noSuchPid}-4711-${pids}-cli-2`, false],
    ['with something before it', `x-ivb-${noSuchPid}-4711-${pids}-cli`, false],
    ['without numbers', 'ivb-pid-start-cli', false],
    ['of nothing', '', false],
  ])('a name %s', (_, name, orphan) => expect(isOrphan(name)).toBe(orphan));
});
