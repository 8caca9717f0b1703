import type { ReactNode } from 'react';

function Icon({ children }: { children: ReactNode }) {
  return (
    <svg className="glyph" viewBox="0 0 20 20" aria-hidden="true">
      {children}
    </svg>
  );
}

export const CloseIcon = () => (
  <Icon>
    <path d="M5 5l10 10M15 5L5 15" />
  </Icon>
);

export const PlusIcon = () => (
  <Icon>
    <path d="M10 4v12M4 10h12" />
  </Icon>
);

export const MailIcon = () => (
  <Icon>
    <rect x="2.500" y="4.500" width="15" height="11" rx="2" />
    <path d="M3 6l7 5 7-5" />
  </Icon>
);

export const LockIcon = () => (
  <Icon>
    <rect x="4" y="9" width="12" height="8" rx="2" />
    <path d="M7 9V6.500a3 3 0 016 0V9" />
  </Icon>
);

export const CheckIcon = () => (
  <Icon>
    <path d="M4 10.500l4 4 8-9" />
  </Icon>
);

export const WarnIcon = () => (
  <Icon>
    <path d="M10 3l7.500 13.500h-15zM10 8v4M10 14.300v.2" />
  </Icon>
);
