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

/** Says something where it is seen and read aloud. Good news goes by itself, bad news stays until it is put away. */
export function useToast(): Say {
  return use(Saying);
}

/** The same for what went wrong. */
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
      {/* It is there before it says something, or what it says is not read aloud. */}
      <div className="toasts" role="status">
        {toast && (
          <div className={`toast ${toast.kind}`} key={toast.id}>
            <p>{toast.text}</p>
            <button type="button" className="icon" aria-label="Put away" onClick={() => setToast(undefined)}>
              <CloseIcon />
            </button>
          </div>
        )}
      </div>
    </Saying>
  );
}
