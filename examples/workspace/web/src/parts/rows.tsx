import type { ReactNode } from 'react';

/** Shows grey rows while a list loads. They are as high as real rows, so the layout does not shift. */
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

/** A card with a heading and an optional count. */
export function Card({
  title,
  count,
  id,
  children,
}: {
  title: string;
  count?: number | string | undefined;
  id: string;
  children: ReactNode;
}) {
  return (
    <section className="card" aria-labelledby={id}>
      {/* Focusable by script: it takes the focus when a focused row is removed. */}
      <h2 id={id} tabIndex={-1}>
        {title} {count !== undefined && <span className="count">{count}</span>}
      </h2>
      {children}
    </section>
  );
}
