import { checkCpus } from './cpus.js';
import type { Finding } from './finding.js';
import { checkInterface } from './interface.js';
import { checkKernel } from './kernel.js';
import { checkPower } from './power.js';
import { checkQueues } from './queues.js';
import { checkRights } from './rights.js';
import { checkServices } from './services.js';
import type { InterfaceView, View } from './view.js';

/** Of a host. */
const hostChecks: readonly ((view: View) => Finding[])[] = [
  checkRights,
  checkKernel,
  checkCpus,
  checkPower,
  checkServices,
];

/** Of each interface that is named. */
const interfaceChecks: readonly ((view: View, shown: InterfaceView) => Finding[])[] = [checkInterface, checkQueues];

/** All that is found, in the order of the checks. */
export function examine(view: View): Finding[] {
  const ofInterfaces = view.interfaces.flatMap((shown) => interfaceChecks.flatMap((check) => check(view, shown)));
  return [...hostChecks.flatMap((check) => check(view)), ...ofInterfaces];
}
