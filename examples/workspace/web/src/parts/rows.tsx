import type { ReactNode } from 'react';

/** As high as what comes in its place, so that nothing moves. */
export function SkeletonRows({ count }: { count: number }) {
  const keys = Array.from({ length: count }, (_, index) => index);
  return (
    <ul className="rows" aria-hidden="true">
      {keys.map((key) => (
        <li className="row skeleton" key={key}>
          <span className="avatar" />
          <span className="who">
            <span className="bar" />
            <span className="bar short" />
          </span>
        </li>
      ))}
    </ul>
  );
}

/** A list in a card: its heading says how many there are. */
export function Card({
  title,
  count,
  id,
  children,
}: {
  title: string;
  count?: number | undefined;
  id: string;
  children: ReactNode;
}) {
  return (
    <section className="card" aria-labelledby={id}>
      {/* Takes the focus when what had it is gone. */}
      <h2 id={id} tabIndex={-1}>
        {title} {count !== undefined && <span className="count">{count}</span>}
      </h2>
      {children}
    </section>
  );
}
