import { parseDate } from '@internationalized/date';
import {
  Button,
  CalendarCell,
  CalendarGrid,
  DateInput,
  DateRangePicker,
  DateSegment,
  Dialog,
  Group,
  Heading,
  Popover,
  RangeCalendar,
} from 'react-aria-components';
import { useView } from '../state/view.ts';

/** Any days, the last one included. */
export default function DaysChoice() {
  const [{ period, from, to }, change] = useView();
  return (
    <DateRangePicker
      aria-label="Days"
      className={`days ${period === 'custom' ? 'chosen' : ''}`}
      value={period === 'custom' ? { start: parseDate(from), end: parseDate(to) } : null}
      onChange={(range) =>
        range && change({ period: 'custom', from: range.start.toString(), to: range.end.toString(), unit: '' })
      }
    >
      <Group className="field">
        <DateInput slot="start">{(segment) => <DateSegment segment={segment} />}</DateInput>
        <span aria-hidden="true">–</span>
        <DateInput slot="end">{(segment) => <DateSegment segment={segment} />}</DateInput>
        <Button className="button quiet small">▾</Button>
      </Group>
      <Popover className="popover">
        <Dialog>
          <RangeCalendar>
            <header className="month">
              <Button slot="previous" className="button quiet">
                ◀
              </Button>
              <Heading />
              <Button slot="next" className="button quiet">
                ▶
              </Button>
            </header>
            <CalendarGrid>{(date) => <CalendarCell date={date} />}</CalendarGrid>
          </RangeCalendar>
        </Dialog>
      </Popover>
    </DateRangePicker>
  );
}
