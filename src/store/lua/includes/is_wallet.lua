-- The twin of isWallet in domain/wallet.ts: the card type or the gateway names a wallet, whose card number is not the buyer's.
local function is_wallet(registers)
  for _, name in ipairs({ 'cc_type', 'gateway' }) do
    local text = registers[name] and value_of(registers[name]) or 'null'
    if text ~= 'null' then
      local lower = text:lower()
      local letters = lower:gsub('[^a-z0-9]', '')
      for _, wallet in ipairs({ 'applepay', 'googlepay', 'gpay', 'androidpay', 'samsungpay', 'shoppay', 'amazonpay', 'paypal', 'wallet' }) do
        if letters:find(wallet, 1, true) then return true end
      end
      if lower:find('%f[a-z0-9]link%f[^a-z0-9]') then return true end
    end
  end
  return false
end
