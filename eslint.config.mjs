import {defineConfig} from 'eslint/config';
import lit from 'eslint-plugin-lit';
import litA11y from 'eslint-plugin-lit-a11y';
import wc from 'eslint-plugin-wc';
import globals from 'globals';
import tseslint from 'typescript-eslint';

/** Imports only point down: a layer knows itself and those after it. */
const layers = ['elements', 'session', 'networks', 'signaling', 'rtc', 'core', 'locales'];

/** What `layer` must not import; PeerJS is known to one adapter only. */
const imports = (forbidden, {peerjs = false} = {}) => ({
  'no-restricted-imports': [
    'error',
    {
      patterns: [
        {
          regex: `(^|/)(${forbidden.join('|')}|index)(/|\\.js$)`,
          message: 'Imports only point down; see CONTRIBUTING.md.',
        },
        {
          regex: '^lit/directives/(unsafe-|style-map)',
          message: 'Nothing from outside becomes HTML, and no inline styles: strict CSP.',
        },
        ...(peerjs
          ? []
          : [{regex: '^peerjs', message: 'Only src/signaling/peerjs*.ts knows PeerJS.'}]),
      ],
    },
  ],
});

const layerRules = layers.map((layer, i) => ({
  files: [`src/${layer}/**/*.ts`],
  rules: imports([...layers.slice(0, i), 'testing']),
}));

const everywhere = [
  {selector: 'ExportDefaultDeclaration', message: 'Named exports only.'},
  {
    selector: 'MemberExpression[property.name=/^(inner|outer)HTML$|^insertAdjacentHTML$/]',
    message: 'Nothing becomes HTML but templates.',
  },
  {
    selector: 'TemplateElement[value.raw=/(\\.innerHTML|\\sstyle)=/]',
    message: 'No innerHTML and no inline styles in templates: strict CSP.',
  },
];

const inElements = [
  {
    selector:
      'TaggedTemplateExpression[tag.name="html"] TemplateElement[value.raw=/>[^<>]*[A-Za-z]/]',
    message: 'No words in templates: they are in src/locales.',
  },
  {
    selector:
      'TemplateElement[value.raw=/\\s(alt|title|placeholder|aria-(label|description|roledescription|valuetext))="[^"]*[A-Za-z]/]',
    message: 'No words in templates: they are in src/locales.',
  },
  {selector: 'AwaitExpression', message: 'An element fires calls; results come back as state.'},
  {
    selector: 'MemberExpression[property.name=/^(navigator|mediaDevices)$/]',
    message: 'An element does not touch the browser: that is for src/rtc.',
  },
];

export default defineConfig(
  {ignores: ['dist/', 'coverage/', '.test/']},
  {linterOptions: {reportUnusedDisableDirectives: 'error'}},
  tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: {
      parserOptions: {project: 'tsconfig.test.json', tsconfigRootDir: import.meta.dirname},
    },
    rules: {
      curly: 'error',
      eqeqeq: 'error',
      'no-var': 'error',
      'prefer-const': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', {fixStyle: 'inline-type-imports'}],
    },
  },
  {
    files: ['src/**/*.ts'],
    extends: [lit.configs['flat/recommended'], wc.configs['flat/recommended']],
    plugins: {'lit-a11y': litA11y},
    rules: {
      ...litA11y.configs.recommended.rules,
      'no-restricted-syntax': ['error', ...everywhere],
      // Lit calls a template's listeners on the host: `@click=${this.#leave}` needs no binding.
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {files: ['src/testing/**/*.ts'], rules: imports(['elements'])},
  {files: ['src/index.ts'], rules: imports(['testing'])},
  layerRules,
  {
    files: ['src/signaling/peerjs*.ts'],
    rules: imports(['elements', 'session', 'networks', 'testing'], {peerjs: true}),
  },
  {
    files: ['src/elements/**/*.ts'],
    rules: {
      'no-restricted-globals': ['error', 'navigator', 'RTCPeerConnection'],
      'no-restricted-syntax': ['error', ...everywhere, ...inElements],
    },
  },
  // PeerJS imports webrtc-adapter as a default export.
  {
    files: ['src/signaling/webrtc-adapter-lite.ts'],
    rules: {'no-restricted-syntax': 'off'},
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      // Tests reach for what is not in the types, and chai's assertions are expressions.
      '@typescript-eslint/no-non-null-assertion': 'off',
      // semantic-dom-diff declares chai's `equal` to return a promise; it does not for values.
      '@typescript-eslint/no-floating-promises': [
        'error',
        {allowForKnownSafeCalls: [{from: 'package', package: 'chai', name: 'Equal'}]},
      ],
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-unused-expressions': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    files: ['**/*.mjs', '**/*.js'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: {globals: {...globals.node, ...globals.browser}},
    rules: {'no-undef': 'error', '@typescript-eslint/no-unused-expressions': 'off'},
  },
  {
    files: ['demo/**/*.js'],
    languageOptions: {globals: {...globals.browser, ...globals.jquery, RtcElements: 'readonly'}},
  },
);
