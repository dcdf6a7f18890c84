import { randomUUID } from 'node:crypto';

const HOUR = 3_600_000;

const answer = (statusCode, body) => ({ statusCode, body });

export async function create(event, context) {
  const { title } = event.request.data ?? {};
  if (typeof title !== 'string' || title === '') {
    return answer(400, { message: 'an auction has a title' });
  }
  const now = Date.now();
  const auction = {
    id: randomUUID(),
    title,
    seller: event.request.auth.email,
    status: 'OPEN',
    createdAt: new Date(now).toISOString(),
    endingAt: new Date(now + HOUR).toISOString(),
    highestBid: { amount: 0 },
  };
  await context.put('auctions', auction);
  return answer(201, auction);
}

export async function listed(event, context) {
  const status = event.request.query.status ?? 'OPEN';
  return answer(200, await context.query('auctions', { status }, { index: 'statusAndEndDate' }));
}

export async function one(event, context) {
  const auction = await context.get('auctions', { id: event.request.params.id });
  return auction ? answer(200, auction) : answer(404, { message: 'there is no such auction' });
}

export async function bid(event, context) {
  const auction = await context.get('auctions', { id: event.request.params.id });
  const { amount } = event.request.data ?? {};
  const { email } = event.request.auth;
  if (!auction) {
    return answer(404, { message: 'there is no such auction' });
  }
  if (auction.status !== 'OPEN' || auction.seller === email || auction.highestBid.bidder === email) {
    return answer(403, { message: 'this bid is not allowed' });
  }
  if (!(amount > auction.highestBid.amount)) {
    return answer(403, { message: `bid more than ${auction.highestBid.amount}` });
  }
  const updated = { ...auction, highestBid: { amount, bidder: email } };
  await context.put('auctions', updated);
  return answer(200, updated);
}

export async function picture(event, context) {
  const auction = await context.get('auctions', { id: event.request.params.id });
  if (!auction) {
    return answer(404, { message: 'there is no such auction' });
  }
  if (auction.seller !== event.request.auth.email) {
    return answer(403, { message: 'only the seller may show a picture' });
  }
  const image = Buffer.from(event.request.body.replace(/^data:image\/\w+;base64,/, ''), 'base64');
  const key = `${auction.id}.jpg`;
  await context.put('pictures', key, image, { content_type: 'image/jpeg' });
  const pictureUrl = `https://${process.env.AUCTIONS_BUCKET_NAME}.s3.amazonaws.com/${key}`;
  const updated = { ...auction, pictureUrl };
  await context.put('auctions', updated);
  return answer(200, updated);
}
