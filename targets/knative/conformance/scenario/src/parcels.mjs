const each = (event, work) => {
  for (const { data, attributes } of event.records) work(data, attributes);
};

export const count = (event, context) =>
  each(event, ({ sender, number }, { kind }) => context.log('count', { sender, number, kind }));

export const bill = (event, context) =>
  each(event, ({ sender, number, kg }) => {
    context.log('bill', { sender, number });
    if (kg > 30) throw new Error('too heavy to be billed');
  });

export const ring = (event, context) => context.log('ring', event.records[0].input);
