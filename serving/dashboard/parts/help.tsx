import { Button, Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { MARK_WORDS, MARKS } from '../rules/finality.ts';
import { KEY_WORDS } from '../rules/keys.ts';
import { MarkSign } from './mark.tsx';

export function Help({ isOpen, onOpenChange }: { isOpen: boolean; onOpenChange: (isOpen: boolean) => void }) {
  return (
    <ModalOverlay className="overlay" isOpen={isOpen} onOpenChange={onOpenChange} isDismissable>
      <Modal className="modal">
        <Dialog>
          <Heading slot="title">What the marks and the keys mean</Heading>
          <dl className="facts">
            {MARKS.map((mark) => (
              <div key={mark}>
                <dt>
                  <MarkSign mark={mark} />
                </dt>
                <dd>{MARK_WORDS[mark]}</dd>
              </div>
            ))}
          </dl>
          <dl className="facts">
            {KEY_WORDS.map(([key, does]) => (
              <div key={key}>
                <dt>
                  <kbd>{key}</kbd>
                </dt>
                <dd>{does}</dd>
              </div>
            ))}
          </dl>
          <p>
            Every number is from the API as it stands; comparisons are cut at the same moment, and leave out what is
            still open. <a href="/docs">The API</a>
          </p>
          <Button slot="close" className="button">
            Close
          </Button>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
