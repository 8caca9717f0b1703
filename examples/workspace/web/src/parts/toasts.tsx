import { createContext, type ReactNode, use, useCallback, useEffect, useState } from 'react';
import { failureOf } from '../api.js';
import { CloseIcon } from './icons.js';

interface Toast {
  id: number;
  text: string;
  kind: 'good' | 'bad';
}

const FADES_AFTER_MS = 8000;

type Say = (text: string, kind?: Toast['kind']) => void;
const Saying = createContext<Say>(() => {});

/** Returns a function that shows a message, which screen readers announce. A success disappears; an error stays until dismissed. */
export function useToast(): Say {
  return use(Saying);
}

/** Returns a function that shows an error as a message. */
export function useFailureToast(): (error: unknown) => void {
  const say = useToast();
  return (error) => {
    const { message, code } = failureOf(error);
    say(`${message} (${code})`, 'bad');
  };
}

export function Toasts({ children }: { children: ReactNode }) {
  const [toast, setToast] = useState<Toast>();
  const say = useCallback<Say>((text, kind = 'good') => setToast({ id: Math.random(), text, kind }), []);

  useEffect(() => {
    if (toast?.kind !== 'good') return;
    const timer = setTimeout(() => setToast(undefined), FADES_AFTER_MS);
    return () => clearTimeout(timer);
  }, [toast]);

  return (
    <Saying value={say}>
      {children}
      {/* Always rendered: screen readers only announce changes of an existing region. */}
      <div className="toasts" role="status">
        {toast && (
          <div className={`toast ${toast.kind}`} key={toast.id}>
            <p>{toast.text}</p>
            <button type="button" className="icon" aria-label="Dismiss" onClick={() => setToast(undefined)}>
              <CloseIcon />
            </button>
          </div>
        )}
      </div>
    </Saying>
  );
}
