import { describe, expect, it } from 'vitest';
import { TimeLeft } from '../../../harness/live/time-left.js';

function schedule(): TimeLeft {
  const time = new TimeLeft();
  time.expect('a', 10, 3);
  time.expect('b', 20, 2);
  return time;
}

describe('the time left', () => {
  it('is what the plan expects before anything was done', () => expect(schedule().leftNs('', 0)).toBe(70));

  it('is what each took, and longer by as much for what was never done', () => {
    const time = schedule();
    time.done('a', 15);
    expect(time.leftNs('', 0)).toBe(2 * 15 + 2 * 20 * 1.5);
    time.done('a', 25);
    expect(time.leftNs('', 0)).toBe(20 + 2 * 20 * 2);
  });

  it('falls while something is under way, but not below what else is to be done', () => {
    const time = schedule();
    expect(time.leftNs('b', 5)).toBe(65);
    expect(time.leftNs('b', 1000)).toBe(50);
  });

  it('has nothing of what another has done, nor learns of it', () => {
    const time = schedule();
    time.spare('a');
    time.spare('nothing');
    expect(time.leftNs('', 0)).toBe(60);
  });

  it('is nothing at the end', () => {
    const time = new TimeLeft();
    time.expect('a', 10, 1);
    time.done('a', 3);
    expect(time.leftNs('', 0)).toBe(0);
    expect(new TimeLeft().leftNs('a', 5)).toBe(0);
  });

  it('of work that takes no time is no NaN', () => {
    const time = schedule();
    time.done('a', 0);
    expect(time.leftNs('a', 0)).toBe(0);
  });
});
