import importX from 'eslint-plugin-import-x';
import vue from 'eslint-plugin-vue';
import tseslint from 'typescript-eslint';
import vueParser from 'vue-eslint-parser';

/**
 * The rooms of src-main and what each may import besides itself. Imports point one way; whatever is not
 * listed is refused. Entries (cli.ts, worker.ts) wire everything and are not restricted.
 */
const rooms = {
  contract: [],
  random: ['contract'],
  statistics: ['contract'],
  archive: [],
  pruning: ['contract'],
  averaging: ['contract'],
  analysis: ['contract', 'random', 'statistics', 'pruning', 'averaging'],
  models: ['contract'],
  datasets: ['contract', 'random', 'archive'],
  checkpoint: ['contract'],
  engine: ['contract', 'archive'],
  training: [
    'contract',
    'random',
    'statistics',
    'pruning',
    'averaging',
    'analysis',
    'models',
    'datasets',
    'checkpoint',
    'engine',
  ],
  store: ['contract', 'checkpoint'],
  executors: ['contract', 'engine'],
  own: ['contract', 'models', 'datasets', 'pruning'],
  experiment: [
    'contract',
    'archive',
    'random',
    'statistics',
    'pruning',
    'averaging',
    'analysis',
    'models',
    'datasets',
    'checkpoint',
    'own',
    'training',
    'store',
    'executors',
  ],
  desk: ['contract', 'statistics', 'pruning', 'datasets', 'store', 'experiment', 'report'],
  service: ['contract', 'checkpoint', 'store', 'experiment', 'executors', 'desk'],
  transport: ['contract'],
  web: ['contract', 'transport'],
  // Runs on the Node of old Electrons too: of other rooms only what that can load.
  shell: ['contract', 'transport', 'web/files.ts', 'web/policy.ts', 'store/place.ts'],
  report: ['contract', 'statistics'],
};

const zones = Object.entries(rooms).map(([room, allowed]) => ({
  target: `./src-main/${room}`,
  from: './src-main',
  except: [room, ...allowed].map((name) => `./${name}`),
  message: `${room}/ may import only ${[room, ...allowed].join(', ')}.`,
}));

zones.push({
  target: './src-renderer',
  from: './src-main',
  // What a report draws, the window draws; both know nothing but the contract's forms.
  except: ['./contract', './report', './statistics'],
  message: 'src-renderer/ may import only contract, report and statistics of src-main.',
});

/** pruning/ and averaging/ know neither TensorFlow nor files. */
const pureRooms = [
  'src-main/contract/**',
  'src-main/pruning/**',
  'src-main/averaging/**',
  'src-main/analysis/**',
];

export default tseslint.config(
  { ignores: ['node_modules', 'out', 'dist'] },
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['eslint.config.js', 'resources/bin/*.mjs'] },
        extraFileExtensions: ['.vue'],
      },
    },
    plugins: { 'import-x': importX },
    settings: {
      'import-x/resolver-next': [importX.createNodeResolver({ extensions: ['.ts', '.js', '.mjs', '.vue'] })],
    },
    rules: {
      'import-x/no-restricted-paths': ['error', { zones }],
      'import-x/no-cycle': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    files: pureRooms,
    ignores: ['**/*.test.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: ['node:*', '@tensorflow/*', 'better-sqlite3'],
              message: 'This room knows neither TensorFlow nor files.',
            },
          ],
        },
      ],
    },
  },
  ...vue.configs['flat/recommended'].map((config) => ({ ...config, files: ['src-renderer/**/*.vue'] })),
  {
    files: ['src-renderer/**/*.vue'],
    languageOptions: { parser: vueParser, parserOptions: { parser: tseslint.parser } },
    rules: {
      // Prettier's.
      'vue/max-attributes-per-line': 'off',
      'vue/singleline-html-element-content-newline': 'off',
      'vue/html-self-closing': 'off',
      'vue/html-indent': 'off',
      'vue/html-closing-bracket-newline': 'off',
      'vue/multiline-html-element-content-newline': 'off',
      // Texts of users and hosts are shown as text.
      'vue/no-v-html': 'error',
    },
  },
  { files: ['**/*.js', '**/*.mjs'], ...tseslint.configs.disableTypeChecked },
);
