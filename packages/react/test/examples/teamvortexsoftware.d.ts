/** The vendor's package, which the tests do not install: the component with the props that the vendor's user guide names. */
declare module '@teamvortexsoftware/vortex-react' {
  export function VortexInvite(props: {
    componentId: string;
    jwt: string;
    isLoading?: boolean;
    scope?: string;
    scopeType?: string;
  }): import('react').ReactElement;
}
