import type { Config } from '../config.ts';
import { fileRegister } from './file_register.ts';
import type { Register } from './register.ts';

export const openRegister = ({ registerDir }: Pick<Config, 'registerDir'>): Register => fileRegister(registerDir);
