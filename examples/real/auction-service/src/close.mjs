// Closes the auctions whose time is over, and tells seller and bidder.
export async function handler(event, context) {
  const ended = await context.query(
    'auctions',
    { status: 'OPEN', endingAt: { to: new Date().toISOString() } },
    { index: 'statusAndEndDate' },
  );
  for (const auction of ended) {
    await context.put('auctions', { ...auction, status: 'CLOSED' });
    const { amount, bidder } = auction.highestBid;
    if (bidder) {
      await mail(context, auction.seller, 'Your item has been sold', `${auction.title}: ${amount}`);
      await mail(context, bidder, 'You won an auction', `${auction.title}: ${amount}`);
    } else {
      await mail(context, auction.seller, 'No bids on your item', auction.title);
    }
  }
}

function mail(context, recipient, subject, body) {
  return context.send('mail', { recipient, subject, body });
}
