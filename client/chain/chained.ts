import type { CoordinatorPort } from '../../shared/protocol/coordinator-port.ts';
import type { ModelChain } from './model-chain.ts';

/** The port, with every model followed before anything is made of it. Goes around all else. */
export function chained(port: CoordinatorPort, chain: ModelChain): CoordinatorPort {
  return {
    ...port,
    async awaitInstruction(site, signal) {
      const instruction = await port.awaitInstruction(site, signal);
      if (instruction.kind === 'train' || instruction.kind === 'evaluate') await chain.follow(instruction);
      return instruction;
    },
    fetchBlock: (hash) => chain.fetchBlock(hash),
  };
}
