import { Fragment } from 'react';
import { Button, Dialog, DialogTrigger, Heading, Popover } from 'react-aria-components';
import type { Receipt } from '../api/questions.ts';
import { countText, dayText } from '../rules/format.ts';
import { receiptInWords } from '../rules/words.ts';
import { MarkSign } from './mark.tsx';
import { Moment } from './moment.tsx';

interface Counted {
  /** The plural. */
  noun: string;
  count: number | null;
  receipt: Receipt;
}

/** The receipts of a number, a click away from it: one for each count that it is made of. */
export function ReceiptButton({ of, counts, zone }: { of: string; counts: Counted[]; zone: string }) {
  return (
    <DialogTrigger>
      <Button className="button quiet small" aria-label={`receipt of ${of}`}>
        receipt
      </Button>
      <Popover className="popover" placement="bottom end">
        <Dialog className="receipt">
          <Heading slot="title">Receipt of {of}</Heading>
          {counts.map(({ noun, count, receipt }, n) => (
            <Fragment key={noun}>
              {n > 0 && <hr />}
              <p className="words">
                {count === null ? `${noun}: not counted.` : receiptInWords(count, noun, receipt, zone)}
              </p>
              <ReceiptTable receipt={receipt} zone={zone} />
            </Fragment>
          ))}
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}

/** What a receipt adds up to, which is what its answer counts. */
export const totalOf = ({ batch, realtime }: Receipt): number | null =>
  batch.count === null || realtime.count === null ? null : batch.count + realtime.count;

const instant = (text: string | null, zone: string) =>
  text === null ? '–' : <Moment ms={Date.parse(text)} zone={zone} />;

function ReceiptTable({ receipt, zone }: { receipt: Receipt; zone: string }) {
  const { batch, realtime, late, watermark, boundary, sources, warnings = [] } = receipt;
  const side = ({ count, from, to }: Receipt['realtime']) => (
    <>
      {countText(count)}{' '}
      {from !== null && (
        <small>
          {instant(from, zone)} to {instant(to, zone)}
        </small>
      )}
    </>
  );
  return (
    <dl className="facts">
      <dt>Status</dt>
      <dd>
        <MarkSign mark={receipt.status} />
      </dd>
      <dt>Counted by runs</dt>
      <dd>{side(batch)}</dd>
      <dt>Counted as it came</dt>
      <dd>{side(realtime)}</dd>
      <dt>Late, not in it</dt>
      <dd>{late === null ? 'cannot be told any more' : countText(late)}</dd>
      <dt>Runs</dt>
      <dd className="runs">
        {batch.runs.length === 0 ? 'none' : batch.runs.map(({ date, run }) => `${dayText(date)}: ${run}`).join(' · ')}
      </dd>
      <dt>Boundary</dt>
      <dd>{instant(boundary, zone)}</dd>
      <dt>Watermark</dt>
      <dd>{instant(watermark, zone)}</dd>
      <dt>Read from</dt>
      <dd>{sources.join(', ') || 'nothing had to be read'}</dd>
      {warnings.map(({ warning, means }) => (
        <div key={warning} className="warning">
          <dt>⚠ {warning}</dt>
          <dd>{means}</dd>
        </div>
      ))}
    </dl>
  );
}
