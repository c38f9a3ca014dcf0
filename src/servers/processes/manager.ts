import type { ProcessConfig } from '../../inputs/config.ts';
import type { Server } from '../port.ts';
import { commandManager } from './command.ts';
import type { ProcessManager } from './port.ts';
import { supervisord } from './supervisord.ts';

export const makeProcessManager = (config: ProcessConfig, server: Server): ProcessManager =>
  config.manager === 'supervisord' ? supervisord(config, server) : commandManager(config, server);
