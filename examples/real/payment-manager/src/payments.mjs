// Notes payments, less the discount of the way they came.
const discount = Number(process.env.DISCOUNT);

async function note(payment, context) {
  const amount = payment.amount * (1 - discount / 100);
  await context.put('paid', { PaymentId: payment.id, amount, currency: payment.currency ?? 'LKR' });
}

export async function fromQueue(event, context) {
  const failures = [];
  for (const record of event.records) {
    // Order holds within the queue: what follows a failed payment waits with it.
    if (failures.length > 0 || typeof record.data?.amount !== 'number') {
      failures.push(record.id);
    } else {
      await note(record.data, context);
    }
  }
  return { failures };
}

export async function fromFiles(event, context) {
  for (const record of event.records) {
    const file = await context.get('all_payments', record.key);
    for (const payment of file?.data ?? []) {
      await note(payment, context);
    }
  }
}
