import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus'
import { MeterProvider } from '@opentelemetry/sdk-metrics'

/** A meter provider that a Prometheus server could scrape over HTTP. */
export class ScrapedProvider {
    readonly #exporter = new PrometheusExporter({ preventServerStart: true })
    readonly provider: MeterProvider = new MeterProvider({ readers: [this.#exporter] })
    readonly #server = createServer((request, response) => {
        this.#exporter.getMetricsRequestHandler(request, response)
    })

    /** The text of a scrape. */
    async text(): Promise<string> {
        if (!this.#server.listening) {
            this.#server.listen(0, '127.0.0.1')
            await once(this.#server, 'listening')
        }
        const { port } = this.#server.address() as AddressInfo
        return await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
    }

    async end(): Promise<void> {
        this.#server.close()
        this.#server.closeAllConnections()
        await this.provider.shutdown()
    }
}

/** One value of a scrape. */
export interface ScrapedValue {
    readonly name: string
    readonly labels: Readonly<Record<string, string>>
    readonly value: number
}

/** The values of a scrape. */
export function valuesIn(text: string): readonly ScrapedValue[] {
    return text.split('\n').flatMap((line) => {
        const [, name = '', labels = '', value = ''] =
            /^([a-z_]+)(?:\{(.*)\})? (\S+)(?: \d+)?$/.exec(line) ?? []
        const pairs = [...labels.matchAll(/([a-z_]+)="([^"]*)"/g)]
        return name === '' ? [] : [{
            name, value: Number(value),
            labels: Object.fromEntries(pairs.map(([, key = '', text = '']) => [key, text]))
        }]
    })
}
