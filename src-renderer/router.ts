import { createRouter, createWebHashHistory } from 'vue-router';

/** Pages, each loaded when it is first opened. */
export const router = createRouter({
  history: createWebHashHistory(),
  routes: [
    { path: '/', redirect: '/experiments' },
    {
      path: '/experiments',
      name: 'experiments',
      component: () => import('./pages/experiments/ExperimentsPage.vue'),
    },
    /** `?from=ID` forks, `?extend=ID` extends, `?preset=NAME` begins with a preset. */
    { path: '/new', name: 'new', component: () => import('./pages/new-experiment/NewExperimentPage.vue') },
    {
      path: '/run/:experiment',
      name: 'run',
      component: () => import('./pages/run/RunPage.vue'),
      props: true,
    },
    /** `?e=ID&e=ID` experiments, `&r=RUN` only arms with these runs. */
    { path: '/compare', name: 'compare', component: () => import('./pages/compare/ComparePage.vue') },
    { path: '/settings', name: 'settings', component: () => import('./pages/settings/SettingsPage.vue') },
    { path: '/:rest(.*)*', redirect: '/experiments' },
  ],
});
