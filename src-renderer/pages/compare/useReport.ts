import { ref, type Ref } from 'vue';
import { saveMade } from '../../files/save.ts';
import { host } from '../../host.ts';
import { useCommandsOf } from '../../stores/commands.ts';
import { useNotices } from '../../stores/notices.ts';
import { questionOf, type Choices } from './address.ts';

/** The comparison as one page, as `swamp compare --html` writes it: saved where the user says. */
export function useReport(
  choices: Ref<Choices>,
  name: Ref<string>,
): { readonly making: Ref<boolean>; readonly save: () => Promise<void> } {
  const notices = useNotices();
  const making = ref(false);

  async function save(): Promise<void> {
    if (making.value) return;
    making.value = true;
    try {
      const { html } = await host.call('experiments.report', questionOf(choices.value));
      const file = await saveMade({ name: name.value, extension: 'html', content: html });
      if (file !== null) notices.say(`Saved ${file}.`, { kind: 'good' });
    } catch (error) {
      notices.fail(error, 'The report page was not saved');
    } finally {
      making.value = false;
    }
  }

  useCommandsOf([
    {
      id: 'compare.report',
      title: 'Save as a report page (HTML)…',
      group: 'File',
      words: 'export share hand on',
      enabled: () => choices.value.experiments.length > 0,
      run: save,
    },
  ]);
  return { making, save };
}
