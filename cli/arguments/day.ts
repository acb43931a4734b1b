import { InvalidArgumentError } from 'commander';
import { isDay } from '../../domain/time.ts';

export const dayArgument = (text: string): string => {
  if (!isDay(text)) throw new InvalidArgumentError('Expected a day such as 2021-01-31.');
  return text;
};
