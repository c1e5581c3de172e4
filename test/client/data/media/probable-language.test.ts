import { describe, expect, it } from 'vitest';
import { probableLanguage } from '../../../../client/data/media/probable-language.ts';

describe('the probable language of a note', () => {
  it.each([
    ['English', 'The patient was admitted with chest pain and has no history of this.'],
    ['German', 'Der Patient ist wach, die Lunge ist frei und das EKG wird nicht geschrieben.'],
    ['French', 'Le patient est stable avec une toux dans les suites, pas de fièvre.'],
    ['Spanish', 'El paciente acude por dolor y se queda con las pruebas sin alteraciones.'],
    ['Portuguese', 'O doente foi internado com uma queixa, não tem febre e os exames estão bem.'],
    ['Italian', 'Il paziente è stabile, non ha febbre e gli esami sono nella norma.'],
    ['Dutch', 'De patiënt is stabiel en het onderzoek wordt niet herhaald, geen koorts.'],
    ['Swedish', 'Patienten är stabil och det är inte aktuellt att skriva av utan feber.'],
    ['Japanese', '患者は安定しています。心電図は正常です。'],
    ['Chinese', '患者病情稳定,心电图正常。'],
    ['Korean', '환자는 안정적이며 심전도는 정상입니다.'],
    ['Cyrillic script', 'Пациент стабилен, ЭКГ без изменений.'],
  ])('is %s', (language, text) => {
    expect(probableLanguage(text)).toBe(language);
  });

  it('is unknown for names, keywords and numbers alone', () => {
    const texts = ['', '120/80 98 %', 'sinus rhythm normal ecg', 'Vancomycin 500 mg i.v.'];
    expect(texts.map(probableLanguage)).toEqual(texts.map(() => 'unknown'));
  });
});
