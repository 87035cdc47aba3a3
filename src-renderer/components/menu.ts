import type { Component } from 'vue';

/** An entry of a menu. */
export interface MenuAction {
  readonly title: string;
  readonly icon?: Component | undefined;
  /** Shown beside it; the command itself listens. */
  readonly shortcut?: string | undefined;
  readonly danger?: boolean | undefined;
  readonly disabled?: boolean | undefined;
  /** Of one that is on or off; the menu stays open. */
  readonly checked?: boolean | undefined;
  readonly run?: (() => unknown) | undefined;
  /** A menu below it. */
  readonly items?: readonly MenuItem[] | undefined;
}

/** A line between entries, or a heading over those that follow. */
export type MenuItem = MenuAction | 'line' | { readonly heading: string };
